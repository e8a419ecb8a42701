"""How pictures call things."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

from matplotlib.font_manager import FontProperties, findfont
from matplotlib.ft2font import FT2Font

from search.reports.figures import target_name
from secateur.records import Evaluation


def networks(evaluation: Evaluation) -> list[str]:
    """Names of the evaluated networks, the dense one first; a star marks the one put forward."""
    return [
        target_name(model.target) + " *" * (place == evaluation.chosen)
        for place, model in enumerate((evaluation.dense, *evaluation.compressed), start=-1)
    ]


def counted(number: int, noun: str) -> str:
    """So many of something, in the right number."""
    return f"{number} {noun}{'s' * (number != 1)}"


def plain(evaluation: Evaluation, place: int) -> str:
    """Name of a network where a star would say nothing."""
    return networks(evaluation)[place].removesuffix(" *")


def champion(evaluation: Evaluation) -> int:
    """Place of the network that is put forward among ``networks``."""
    return 0 if evaluation.chosen is None else 1 + evaluation.chosen


def classes(labels: Sequence[str], longest: int) -> list[str]:
    """Names of classes on one line of at most ``longest`` characters each.

    A class whose name the font cannot write goes by its number.
    """
    return [
        short(label, longest) if _legible(label) else f"class {place}"
        for place, label in enumerate(labels)
    ]


def short(text: str, longest: int) -> str:
    """A text on one line, its middle left out where it is too long."""
    line = " ".join(text.split())
    if len(line) <= longest:
        return line
    end = (longest - 1) // 3
    return f"{line[: longest - 1 - end].rstrip()}…{line[len(line) - end :].lstrip()}"


def _legible(text: str) -> bool:
    """Whether the font has all of a text, and there is any."""
    written = [ord(letter) for letter in text if not letter.isspace()]
    return bool(written) and _letters().issuperset(written)


@cache
def _letters() -> frozenset[int]:
    return frozenset(FT2Font(findfont(FontProperties())).get_charmap())
