"""What a job on a cluster prints for those who wait for it."""

from __future__ import annotations


def begins(name: str, place: str) -> str:
    """The line of a job whose first stage begins.

    Args:
        name: of the job.
        place: what it runs on.
    """
    return f"{name} runs on {place}"


def is_begin(line: str, name: str) -> bool:
    """Whether a line of a job's log says that its first stage begins."""
    return line.startswith(begins(name, ""))
