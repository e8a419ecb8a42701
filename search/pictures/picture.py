"""A picture that was drawn, and what it says."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Picture:
    """A file beside what a reader needs who cannot see it.

    Attributes:
        file: PNG or SVG.
        title: a few words.
        says: one sentence, both the caption and the text of those who cannot see it.
    """

    file: Path
    title: str
    says: str
