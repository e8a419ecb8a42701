"""Small searches and answers whose pictures can be worked out."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import matplotlib as mpl
import numpy as np
import pytest

from search.answers import Answers, Told
from search.front import choose, front
from search.pictures.look import LOOK
from search.space import realise
from secateur.data.images import Images
from secateur.records import SearchResult, TrialCurve, TrialRecord
from secateur.spec import JobSpec, parse

Searching = Callable[[int], SearchResult]
Answering = Callable[..., Answers]


@pytest.fixture(autouse=True)
def look() -> Iterator[None]:
    """Figures are made with the look that they are drawn with."""
    with mpl.rc_context(LOOK):
        yield


@pytest.fixture(scope="session")
def space() -> JobSpec:
    """The job of ``searching``."""
    networks = [
        {"kind": "mlp", "depth": {"low": 1, "high": 3}, "width": [16, 32, 64]},
        {"kind": "lenet", "width": [1.0, 2.0]},
    ]
    recipe = {
        "optimizer": "adam",
        "weight_decay": 0.0,
        "batch_size": [32, 64],
        "learning_rate": {"low": 0.001, "high": 0.1, "log": True},
    }
    search = {"networks": networks, "recipe": recipe}
    return parse({"name": "job", "data": {"kind": "digits"}, "search": search})


@pytest.fixture(scope="session")
def searching(space: JobSpec) -> Searching:
    """Searches of so many trials: MLPs, and a LeNet every fourth time.

    The accuracy follows depth alone: 92, 94 or 96 %. Every fifth was stopped early.
    """

    def trial(number: int) -> TrialRecord:
        depth = 1 + number % 3
        recipe = {
            "batch_size": 32 * (1 + number % 2),
            "learning_rate": 0.001 * 1.2 ** (number % 20),
        }
        point = (
            {"network": "lenet", "lenet": {"width": 1.0 + number // 4 % 2}}
            if number % 4 == 3
            else {"network": "mlp", "mlp": {"depth": depth, "width": 16 * 2 ** (number % 3)}}
        )
        architecture, how = realise(space, point | {"recipe": recipe}, (1, 8, 8), 10)
        return TrialRecord(
            number=number,
            architecture=architecture,
            recipe=how,
            epochs=how.epochs,
            accuracy=0.9 + 0.02 * depth,
            status="stopped" if number % 5 == 4 else "finished",
            flops=1000 * depth,
        )

    def result(count: int) -> SearchResult:
        trials = tuple(map(trial, range(count)))
        curves = tuple(
            TrialCurve(trial=one.number, scores=(0.3, one.accuracy), losses=(2.0, 0.5))
            for one in trials[:5]
        )
        return SearchResult(
            trials=trials,
            best=choose(space.search, trials),
            artifact="models/dense",
            front=tuple(one.number for one in front(space.search, trials)),
            curves=curves,
        )

    return result


@pytest.fixture
def answering() -> Answering:
    """Answers of three networks, or of the dense one alone, to ten images of each class.

    The dense network and the first compressed one take two images of class 0 for class 1, the
    other one all of class 1 for class 2.
    """

    def answers(
        labels: tuple[str, ...], channels: int = 1, side: int = 8, networks: int = 3
    ) -> Answers:
        truths = np.repeat(np.arange(len(labels)), 10)
        pixels = np.random.default_rng(0).integers(0, 256, (len(truths), channels, side, side))
        usual, other = truths.copy(), truths.copy()
        usual[:2] = 1
        other[10:20] = 2 % len(labels)
        sure = np.linspace(0.5, 0.99, len(truths), dtype=np.float32)
        told = [Told(said, sure) for said in (usual, usual, other)[:networks]]
        test = Images(pixels.astype(np.uint8), truths)
        return Answers.of(labels, test, told, min(1, networks - 1))

    return answers
