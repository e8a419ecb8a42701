"""Jobs that come with the package: studies of the literature, by name."""

from __future__ import annotations

from pathlib import Path

_FOLDER = Path(__file__).parent


def names() -> tuple[str, ...]:
    """All presets."""
    return tuple(sorted(file.stem for file in _FOLDER.glob("*.yaml")))


def file(name: str) -> Path:
    """The job of a preset, one of ``names()``."""
    return _FOLDER / f"{name}.yaml"


def resolve(job: Path) -> Path:
    """The file itself, or the preset of that name where there is no such file."""
    return file(str(job)) if str(job) in names() and not job.exists() else job
