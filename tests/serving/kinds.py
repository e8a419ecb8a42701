"""What the fixtures of these tests are, for annotations."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path

import httpx
from fastapi import FastAPI

Listen = Callable[[FastAPI], AbstractContextManager[str]]
"""An app on a port while it is used; its base URL."""

Refused = Callable[[httpx.Response, int, str], None]
"""Holds an answer to an error of a status, with words in it."""

SaveModel = Callable[..., Path]
"""Saves a tiny model; its folder."""

Send = Callable[..., httpx.Response]
"""Sends a request to one server."""

ServeFolder = Callable[..., Send]
"""Serves a saved model."""
