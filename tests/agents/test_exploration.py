from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from agents import exploration
from agents.journal import Journal
from agents.problem import PruningProblem
from agents.task import PruningTask, prepare
from secateur.data import Development, Images
from secateur.models.registry import build
from secateur.records import Architecture, Episode
from secateur.spec import PruneSpec

RESNET = Architecture(
    name="resnet", arguments={"depth": 1, "width": 4}, input_shape=(1, 8, 8), classes=3
)
SPEC = PruneSpec(targets=(0.3,), episodes=4)
POLICIES = [(width,) * 6 for width in (4, 3, 2, 1)]


class Told:
    """A judge of 1,000 images in ten batches, of which all networks but the last get 900 right.

    The last one's right answers, 300, are the first.
    """

    images, batches = 1000, 10

    def __init__(self, good: int) -> None:
        self._good = good

    def tallies(self, widths: tuple[int, ...]) -> Iterator[tuple[int, int]]:
        if self._good == 0:
            raise KeyboardInterrupt
        self._good -= 1
        for seen in range(100, 1001, 100):
            yield (min(seen, 300) if widths == POLICIES[-1] else round(0.9 * seen)), seen

    def worth(self, accuracy: float, _widths: tuple[int, ...]) -> float:
        return accuracy


def in_a_round(
    _spec: object, problem: PruningProblem, evaluate: Any, *arguments: Any
) -> Iterator[Episode]:
    """An agent that tells of all policies when it has played the last, as PPO does of a round."""
    journal = Journal(problem, evaluate, arguments[2])
    for widths in POLICIES:
        journal.play(widths)
    yield from journal.episodes


@pytest.fixture(scope="module")
def task() -> PruningTask:
    images = Images(np.zeros((30, 1, 8, 8), np.uint8), np.arange(30) % 3)
    development = Development(("a", "b", "c"), images, images, (0.4,), (0.3,))
    torch.manual_seed(0)
    return prepare(SPEC, build(RESNET).eval(), RESNET.input_shape, development, 0)


@pytest.fixture
def explore(task: PruningTask, monkeypatch: pytest.MonkeyPatch) -> Callable[..., list[Episode]]:
    monkeypatch.setattr(exploration, "play", in_a_round)

    def explored(folder: Path, good: int) -> list[Episode]:
        monkeypatch.setattr(exploration, "rewards", lambda *_: Told(good))
        return list(exploration.explore(task, 0.3, folder))

    return explored


def test_an_agent_of_another_seed_cuts_the_same_networks(
    task: PruningTask, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    told: list[tuple[int, object]] = []

    def play(_agent: Any, problem: Any, judge: Told, _budget: int, seed: int, *_: Any) -> list[Any]:
        told.append((seed, judge))
        return []

    monkeypatch.setattr(exploration, "play", play)
    monkeypatch.setattr(exploration, "rewards", lambda judged, *_: judged)
    monkeypatch.setattr(exploration, "Race", lambda judge: judge)
    for seed in (None, 5):
        list(exploration.explore(task, 0.3, tmp_path / str(seed), seed=seed))
    assert told == [(0, task), (5, task)]


def test_a_round_that_was_cut_short_goes_on_to_the_same_rewards(
    explore: Callable[..., list[Episode]], tmp_path: Path
) -> None:
    whole = explore(tmp_path / "whole", good=4)
    # Three are ahead of the last, which is given up after half of the images: 300 of 500.
    assert [episode.reward for episode in whole] == [0.9, 0.9, 0.9, 0.6]
    with pytest.raises(KeyboardInterrupt):
        explore(tmp_path / "broken", good=3)
    assert explore(tmp_path / "broken", good=1) == whole
