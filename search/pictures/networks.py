"""The evaluated networks as pictures show them."""

from __future__ import annotations

from dataclasses import dataclass

from search.pictures import words
from search.pictures.look import GREY, colour
from secateur.records import Evaluation, Figures


@dataclass(frozen=True)
class Shown:
    """One network.

    Attributes:
        name: as the report has it.
        figures: on the test split.
        ink: its colour, grey for the dense network.
        exact: whether it computes in floats; the champion in 8-bit integers is hollow.
    """

    name: str
    figures: Figures
    ink: str
    exact: bool = True


def shown(evaluation: Evaluation) -> list[Shown]:
    """The dense network, the compressed ones, and the champion in 8-bit integers if there is one.

    The champion's name ends with a star.
    """
    models = (evaluation.dense, *evaluation.compressed)
    inks = [GREY, *(colour(place) for place in range(len(evaluation.compressed)))]
    found = [
        Shown(name, model.figures, ink)
        for name, model, ink in zip(words.networks(evaluation), models, inks, strict=True)
    ]
    if evaluation.int8 is not None:
        exact = found[words.champion(evaluation)]
        name = f"{exact.name.removesuffix(' *')} int8"
        found.append(Shown(name, evaluation.int8.figures, exact.ink, exact=False))
    return found
