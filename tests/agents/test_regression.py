"""Agents that prune a regression are paid by R²."""

from __future__ import annotations

from pathlib import Path

import pytest

from agents import candidates
from agents.exploration import explore
from agents.task import PruningTask, prepare
from secateur.compression.execution import EXACT
from secateur.data import Dataset, load
from secateur.models import build
from secateur.records import Architecture, Recipe
from secateur.spec import ArithmeticData, PruneSpec
from secateur.training.evaluation import score
from secateur.training.supervised import train

ADDER = Architecture(
    name="mlp", arguments={"depth": 2, "width": 16}, input_shape=(1, 1, 2), classes=1
)
SPEC = PruneSpec(targets=(0.3,), agent={"kind": "random"}, episodes=3, round_to=1)


@pytest.fixture(scope="module")
def sums() -> Dataset:
    return load(ArithmeticData(pairs=1000, low=0, high=100), seed=0)


@pytest.fixture(scope="module")
def task(sums: Dataset) -> PruningTask:
    network = build(ADDER, seed=0)
    for _ in train(network, sums.development, Recipe(learning_rate=0.01, epochs=8)):
        pass
    return prepare(SPEC, network.eval(), ADDER.input_shape, sums.development, seed=0)


def test_the_accuracy_of_the_dense_network_is_its_r2(sums: Dataset, task: PruningTask) -> None:
    dense = task.candidates.plan.widths
    network = task.candidates.network
    measured = score(network, sums.validation, sums.mean, sums.std, sums.task)
    assert 0.8 < measured.accuracy <= 1
    assert task.judge().accuracy(dense) == pytest.approx(measured.accuracy, abs=1e-5)


def test_a_policy_that_is_worse_than_the_mean_is_worth_nothing(task: PruningTask) -> None:
    judge = task.judge()
    assert judge.accuracy((1, 1)) >= 0
    assert judge.best([(1, 1), task.candidates.plan.widths]) == task.candidates.plan.widths


def test_episodes_are_judged_in_full_though_the_spec_asks_for_races(
    task: PruningTask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # A measurement of the machine would say by which precision.
    monkeypatch.setattr(candidates, "fastest", lambda *_: EXACT)
    assert task.spec.race
    for episode in explore(task, 0.3, tmp_path):
        assert 0 <= episode.reward <= 1
        assert episode.reward == pytest.approx(task.judge(1000)(episode.widths), abs=0.02)
