from __future__ import annotations

from dataclasses import replace
from typing import get_args

import numpy as np
import pytest

from agents.actions import READINGS, Actions, RatioActions, RelativeActions
from agents.problem import PruningProblem
from secateur.compression.policy import decide
from secateur.spec import DDPGSpec


def played(actions: Actions, scripts: np.ndarray) -> np.ndarray:
    widths = np.zeros((len(scripts), 0), dtype=np.int64)
    for column in scripts.T:
        widths = np.column_stack([widths, actions.widths(widths, column)])
    return widths


def test_specs_name_every_reading() -> None:
    assert set(get_args(DDPGSpec.model_fields["actions"].annotation)) == set(READINGS)


@pytest.mark.parametrize("target", [0.1, 0.5, 0.8])
def test_ratios_are_bounded_as_one_policy_at_a_time_is(
    problem: PruningProblem, target: float
) -> None:
    problem = PruningProblem(problem.groups, problem.cost, problem.allowed, target)
    scripts = np.random.default_rng(0).random((200, 2))
    widths = played(RatioActions(problem), scripts)
    for row, ratios in zip(widths.tolist(), scripts, strict=True):
        assert tuple(row) == decide(problem.limits, problem.allowed, ratios.tolist())


@pytest.mark.parametrize("kind", READINGS.values(), ids=READINGS)
def test_every_episode_meets_the_target(problem: PruningProblem, kind: type) -> None:
    widths = played(kind(problem), np.random.default_rng(1).random((200, 2)))
    assert (problem.cost.flops(widths) <= problem.budget).all()
    for column, allowed in zip(widths.T, problem.allowed, strict=True):
        assert set(column) <= set(allowed)


def test_the_middle_is_the_uniform_policy(problem: PruningProblem) -> None:
    # With a share s of all channels, 2,304 s + 2,304 s² + 64 s = 2,336 asks for s = 0.6177:
    # 4.94 of 8 channels, so 5. Then 1,440 + 360 w + 16 w <= 2,336 leaves w <= 2.38, so 2.
    assert played(RelativeActions(problem), np.full((1, 2), 0.5)).tolist() == [[5, 2]]


def test_the_ends_are_all_that_may_stay_and_all_that_may_go(problem: PruningProblem) -> None:
    # Of 8 channels the target allows 6 at most, see the environment's tests, and a_max 2.
    assert played(RelativeActions(problem), np.array([[0.0, 0.0]])).tolist() == [[6, 1]]
    first, _ = played(RelativeActions(problem), np.array([[1.0, 0.5]])).tolist()[0]
    assert first == 2


@pytest.mark.parametrize("kind", READINGS.values(), ids=READINGS)
def test_larger_actions_never_cut_less(problem: PruningProblem, kind: type) -> None:
    actions = np.linspace(0, 1, 101)
    decided = np.zeros((101, 0), dtype=np.int64)
    widths = kind(problem).widths(decided, actions)
    assert (np.diff(widths) <= 0).all()
    assert widths[-1] < widths[0]


@pytest.mark.parametrize("kind", READINGS.values(), ids=READINGS)
def test_every_episode_keeps_to_the_parameters_too(problem: PruningProblem, kind: type) -> None:
    limited = replace(problem, target=0.1, parameters=0.6)
    scripts = np.random.default_rng(2).random((200, 2))
    widths = played(kind(limited), scripts)
    assert limited.limits.met(widths).all()
    # By the FLOPs alone more would stay.
    alone = played(kind(replace(limited, parameters=None)), scripts)
    assert not limited.limits.met(alone).all()


def test_the_middle_is_uniform_by_the_limit_that_binds(problem: PruningProblem) -> None:
    # 12 a + 9 ab + 9 b + 2 parameters of 422, of which 168 may stay: 288 s² + 132 s + 2 <= 168
    # asks for s = 0.5639, 4.51 of 8 channels, so 5. Then 54 b <= 106 leaves b <= 1.96, so 1.
    limited = replace(problem, target=0.1, parameters=0.6)
    assert limited.limits.parameters == 168
    assert played(RelativeActions(limited), np.full((1, 2), 0.5)).tolist() == [[5, 1]]
