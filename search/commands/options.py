"""Types of the command line's parameters."""

from __future__ import annotations

from pathlib import Path

import click

FilePath = click.Path(dir_okay=False, path_type=Path)
