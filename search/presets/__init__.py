"""Jobs that come with the package: studies of the literature, by name."""

from __future__ import annotations

from pathlib import Path

from secateur.errors import UnreadableSpecError, nearest

_FOLDER = Path(__file__).parent


def names() -> tuple[str, ...]:
    """All presets."""
    return tuple(sorted(file.stem for file in _FOLDER.glob("*.yaml")))


def file(name: str) -> Path:
    """The job of a preset, one of ``names()``."""
    return _FOLDER / f"{name}.yaml"


def resolve(job: Path) -> Path:
    """The file itself, or the preset of that name where there is no such file.

    Raises:
        UnreadableSpecError: there is neither, and the name is not one of a YAML file.
    """
    if job.exists() or job.suffix:
        return job
    if str(job) not in names():
        expected = f"a YAML file, or the study {nearest(str(job), names())}"
        raise UnreadableSpecError(str(job), "no such file", expected)
    return file(str(job))
