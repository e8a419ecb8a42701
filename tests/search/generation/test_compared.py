"""Jobs of generators side by side."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from search.ledger import Ledger
from search.reports import comparison
from search.reports.comparable import compared
from search.reports.document import Document, Facts, Notice, Table
from secateur.errors import JobConflictError
from secateur.records import (
    DataUsed,
    EvaluatedGenerator,
    EvaluatedModel,
    Evaluation,
    Figures,
    GenerativeEvaluation,
)
from secateur.spec import parse
from tests.search.made import written

Measured = Callable[..., Ledger]


@pytest.fixture
def measured(tmp_path: Path, evaluated: Callable[..., EvaluatedGenerator]) -> Measured:
    """Write the folder of a job whose generators' test distances are given, dense and cut."""

    def write(
        name: str, distance: float, *, seed: int = 0, agent: str = "ddpg", **judged: Any
    ) -> Ledger:
        spec = parse(
            {"name": name, "seed": seed, "task": "generation", "data": {"kind": "digits"},
             "prune": {"agent": agent}}
        )  # fmt: skip
        models = [
            like(evaluated(target, 1.0, found), judged)
            for target, found in ((0, 1.5), (0.7, distance))
        ]
        found = GenerativeEvaluation(dense=models[0], compressed=(models[1],), chosen=0)
        kinds = {"evaluate": GenerativeEvaluation, "data": DataUsed}
        return written(tmp_path / name, spec, kinds, {"evaluate": found})

    return write


def like(model: EvaluatedGenerator, judged: dict[str, Any]) -> EvaluatedGenerator:
    """The same generator, judged otherwise."""
    likeness = model.figures.likeness.model_copy(update=judged)
    figures = model.figures.model_copy(update={"likeness": likeness})
    return model.model_copy(update={"figures": figures})


def page_of(ledgers: Sequence[Ledger]) -> Document:
    return comparison.document(compared(ledgers))


def rows(page: Document, title: str) -> list[tuple[str, ...]]:
    """The rows of a section's table about what was put forward."""
    (section,) = (section for section in page.sections if section.title == title)
    (table,) = (block for block in section.blocks if isinstance(block, Table))
    return [row[1:] for row in table.rows if row[0] == "Put forward"]


def notices(page: Document) -> str:
    return " ".join(block.text for block in page.lead if isinstance(block, Notice))


def test_distances_are_compared_in_percent(measured: Measured) -> None:
    """2 less 4, both with a deviation of 0.2 over 3 runs.

    The standard error is 0.2 sqrt(2/3) = 0.1633, with 4 degrees of freedom, whose 97.5 % quantile
    is 2.776: -2 ± 0.453, which is -50 ± 11.3 % of 4.
    """
    page = page_of(
        [
            measured(f"{agent}-s{seed}", mean + 0.2 * (seed - 1), seed=seed, agent=agent)
            for agent, mean in (("ddpg", 2.0), ("random", 4.0))
            for seed in range(3)
        ]
    )
    assert page.about == "Generation of digits"
    first, second = rows(page, "Figures on the test split")
    assert first == (
        "ddpg", "3", "2 ± 0.2", "90.0% ± 0.0%", "300 ± 0", "120 ± 0", "1.2 kB ± 0 B",
        "0.15 ms ± 0 ms",
    )  # fmt: skip
    assert second[2] == "4 ± 0.2"
    ((pair, distance, *_),) = rows(page, "Differences")
    assert (pair, distance) == ("ddpg - random", "-50.0% ± 11.3% *")
    (facts,) = (block for block in page.lead if isinstance(block, Facts))
    assert facts.rows == (("Larger than the spread", "ddpg - random: -50.0% ± 11.3%"),)
    assert notices(page) == ""


def test_distances_that_are_alike(measured: Measured) -> None:
    ledgers = [
        measured(f"{agent}-s{seed}", 2.0 + seed, seed=seed, agent=agent)
        for agent in ("ddpg", "random")
        for seed in range(2)
    ]
    (facts,) = (block for block in page_of(ledgers).lead if isinstance(block, Facts))
    assert facts.rows == (("Larger than the spread", "no difference of distances"),)


def test_judges_that_learned_apart_are_told(measured: Measured) -> None:
    page = page_of([measured("a", 2.0), measured("b", 3.0, judge="classifier-64/4567", seed=1)])
    told = "several judges, classifier-64/4567, digits-classifier-64/0123, each of which learned"
    assert told in notices(page)


def test_distances_of_other_numbers_of_images_are_not_judged(measured: Measured) -> None:
    page = page_of([measured("a", 2.0), measured("b", 3.0, images=100, agent="random")])
    assert "of different numbers of images" in notices(page)
    assert "Differences" not in [section.title for section in page.sections]


def test_a_classifier_is_compared_with_no_generator(measured: Measured, tmp_path: Path) -> None:
    spec = parse({"name": "digits", "data": {"kind": "digits"}, "prune": None})
    figures = Figures(accuracy=0.9, flops=1, parameters=1, size_bytes=1, latency_ms=1)
    dense = EvaluatedModel(
        target=0, artifact="models/dense", validation_accuracy=0.9, figures=figures
    )
    found = Evaluation(dense=dense, compressed=(), chosen=None)
    kinds = {"evaluate": Evaluation}
    other = written(tmp_path / "digits", spec, kinds, {"evaluate": found})
    refused = "digits is a classification, a a generation; expected jobs of one task"
    with pytest.raises(JobConflictError, match=refused):
        compared([measured("a", 2.0), other])
