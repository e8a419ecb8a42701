"""What the definitions of clusters are judged by."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

CLUSTERS = Path(__file__).parents[2] / "clusters"
ROOT = CLUSTERS.parent
VERSION = re.search(r'^version = "(.+)"$', (ROOT / "pyproject.toml").read_text(), re.MULTILINE)[1]
IMAGE = f"secateur:{VERSION}"

VARIABLE = "SECATEUR_LINTERS"
ENVIRONMENT = os.environ.get(VARIABLE)
needs_linters = pytest.mark.skipif(
    not ENVIRONMENT, reason=f"{VARIABLE} names no environment of linters"
)
needs_promtool = pytest.mark.skipif(
    not Path(ENVIRONMENT or "", "bin", "promtool").exists(), reason=f"{VARIABLE} has no promtool"
)
needs_kubectl = pytest.mark.skipif(
    shutil.which("kubectl") is None, reason="kubectl is not on the path"
)


def judged(program: str, *arguments: object, folder: Path = ROOT) -> str:
    """Let a program of the linters' environment, or of the path, find nothing wrong."""
    own = Path(ENVIRONMENT or "", "bin", program)
    done = subprocess.run(
        [own if own.exists() else program, *map(str, arguments)],
        cwd=folder, capture_output=True, text=True, check=False, timeout=240,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def locked(package: str) -> str:
    """Version of a package in the lock."""
    lock = (ROOT / "requirements.lock").read_text()
    return re.search(rf"^{re.escape(package)}==(\S+)", lock, re.MULTILINE)[1]


def read(path: Path) -> dict[str, Any]:
    """A YAML file of one document."""
    return yaml.safe_load(path.read_text())


def files() -> Iterator[Path]:
    """All that is committed below clusters."""
    asked = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "clusters"],
        cwd=ROOT, capture_output=True, text=True, check=True,
    )  # fmt: skip
    return (ROOT / name for name in asked.stdout.split() if (ROOT / name).exists())


def known_to_ray(options: Iterable[str]) -> None:
    """Let ``ray start`` have every one of the options."""
    from ray.scripts.scripts import start

    there = {name for parameter in start.params for name in parameter.opts}
    assert set(options) <= there


def options_of(command: Iterable[str]) -> list[str]:
    """Names of the options in a command line."""
    return [word.split("=")[0] for word in command if word.startswith("--")]
