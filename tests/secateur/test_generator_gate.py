from __future__ import annotations

import pytest

from secateur.generator_gate import GeneratorGate, failures
from secateur.records import GeneratorFigures, Likeness


def figures(distance: float, flops: int = 1000, *, collapsed: bool = False) -> GeneratorFigures:
    likeness = Likeness(judge="digits", images=500, distance=distance, kernel_distance=0.01,
                        coverage=0.9, collapsed=collapsed)  # fmt: skip
    return GeneratorFigures(
        likeness=likeness, flops=flops, parameters=10, size_bytes=100, latency_ms=1.0
    )


DENSE = figures(2.0)


def test_a_gate_that_holds() -> None:
    # 2.2 is 1.1 times 2.0, and 300 of 1000 is a cut of 70 %.
    asked = GeneratorGate(max_distance=2.5, max_distance_ratio=1.1, min_flops_cut=0.7)
    assert failures(asked, DENSE, figures(2.2, 300)) == ()


@pytest.mark.parametrize(
    ("asked", "model", "words"),
    [
        ({"max_distance": 2.0}, figures(2.1), "distance 2.1 is above publish.max_distance 2"),
        ({}, figures(2.3), "distance 2.3 after 2 is above publish.max_distance_ratio 1.1"),
        (
            {"min_flops_cut": 0.7},
            figures(2.0, 400),
            "FLOPs cut 60.00% is below publish.min_flops_cut 70.00%",
        ),
        ({}, figures(2.0, collapsed=True), "lack the variety of real ones"),
    ],
)
def test_what_misses_a_bound(asked: dict[str, float], model: GeneratorFigures, words: str) -> None:
    (line,) = failures(GeneratorGate(**asked), DENSE, model)
    assert words in line


def test_a_collapse_may_be_allowed() -> None:
    assert failures(GeneratorGate(allow_collapsed=True), DENSE, figures(2.0, collapsed=True)) == ()
