"""Records of a generative job that never ran, with figures that are easy to work with."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from torch import Tensor

from secateur.records import (
    Architecture,
    EvaluatedGenerator,
    GenerativeCurve,
    GenerativeEvaluation,
    GenerativeMetrics,
    GenerativeRecipe,
    GenerativeSearchResult,
    GenerativeTrial,
    GeneratorFigures,
    JudgedStep,
    Likeness,
    PruningResult,
    RecoveredGenerator,
)
from tests.search.made import found_by_agents

Like = Callable[..., Likeness]


def _like(distance: float, coverage: float = 0.9, *, collapsed: bool = False) -> Likeness:
    return Likeness(
        judge="digits-classifier-64/0123",
        images=500,
        real=360,
        distance=distance,
        kernel_distance=distance / 100,
        coverage=coverage,
        collapsed=collapsed,
        collapse="half of the images are copies" if collapsed else "",
        figures={"class_variety": 0.987},
    )


def _evaluated(
    target: float, validation: float, test: float, *, collapsed: bool = False
) -> EvaluatedGenerator:
    left = 1 - target
    return EvaluatedGenerator(
        target=target,
        artifact=f"models/flops-{target:g}" if target else "models/dense",
        validation=_like(validation, collapsed=collapsed),
        figures=GeneratorFigures(
            likeness=_like(test, collapsed=collapsed),
            flops=round(1000 * left),
            parameters=round(400 * left),
            size_bytes=round(4000 * left),
            latency_ms=0.5 * left,
        ),
    )


def _curve(trial: int, *distances: float) -> GenerativeCurve:
    """A judgement every 200 steps, and two losses every 100."""
    return GenerativeCurve(
        trial=trial,
        metrics=tuple(
            GenerativeMetrics(
                step=100 * number,
                losses={"generator": 1.0 + number, "critic": 0.5},
                seconds=float(number),
                last=number == 2 * len(distances),
            )
            for number in range(1, 1 + 2 * len(distances))
        ),
        judged=tuple(
            JudgedStep(step=200 * number, likeness=_like(distance, 1 - distance / 20))
            for number, distance in enumerate(distances, start=1)
        ),
    )


@pytest.fixture(scope="session")
def like() -> Like:
    """A likeness of a distance."""
    return _like


@pytest.fixture(scope="session")
def evaluated() -> Callable[..., EvaluatedGenerator]:
    """A generator of a target, a validation and a test distance."""
    return _evaluated


@pytest.fixture
def searched() -> GenerativeSearchResult:
    """Five trials: three that finished, the last of them collapsed, a stopped and a failed one."""
    outcomes = [
        (4.0, "finished", False),
        (12.0, "stopped", False),
        (2.0, "finished", False),
        (None, "failed", False),
        (9.0, "finished", True),
    ]
    trials = tuple(
        GenerativeTrial(
            number=number,
            architecture=Architecture(
                name="dcgan",
                arguments={"width": 8 * (1 + number)},
                input_shape=(1, 8, 8),
                classes=1,
            ),
            recipe=GenerativeRecipe(learning_rate=1e-3 * (1 + number)),
            likeness=None if distance is None else _like(distance, collapsed=collapsed),
            steps=0 if distance is None else 400,
            seconds=10.0 * number,
            flops=1000 * (1 + number),
            status=status,
        )
        for number, (distance, status, collapsed) in enumerate(outcomes)
    )
    return GenerativeSearchResult(
        trials=trials,
        best=trials[2],
        artifact="models/dense",
        curves=(_curve(2, 8.0, 2.0), _curve(0, 9.0, 4.0)),
    )


@pytest.fixture
def evaluation() -> GenerativeEvaluation:
    """2.0 dense; 2.1 with 30 % of the FLOPs, 5.0 with 10 %; test distances are 0.5 above."""
    return GenerativeEvaluation(
        dense=_evaluated(0, 2.0, 2.5),
        compressed=(_evaluated(0.7, 2.1, 2.6), _evaluated(0.9, 5.0, 5.5)),
        chosen=0,
    )


@pytest.fixture
def pruned() -> tuple[PruningResult, ...]:
    """Two targets of two episodes each over two groups."""
    return found_by_agents(
        ((0.7, (6, 4), 290), (0.9, (2, 2), 95)), {"stem": 16, "up1": 8}, (-0.1, 0.4)
    )


@pytest.fixture
def recovered() -> tuple[RecoveredGenerator, ...]:
    """Both targets after 400 steps."""
    return tuple(
        RecoveredGenerator(
            target=target,
            artifact=f"models/flops-{target:g}",
            likeness=_like(distances[-1]),
            curve=_curve(2, *distances),
        )
        for target, distances in ((0.7, (3.0, 2.1)), (0.9, (11.0, 5.0)))
    )


class Judge:
    """Has an opinion on every image."""

    count = 4

    def __init__(self, like: Like) -> None:
        self._like = like

    def __call__(self, images: Tensor) -> Likeness:
        return self._like(distance=images.abs().mean().item())
