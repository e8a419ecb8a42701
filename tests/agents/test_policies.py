from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from agents.actions import READINGS, RatioActions
from agents.policies import Proposals, policy_of, policy_search, single_policy
from agents.problem import PruningProblem
from agents.registry import play
from secateur.spec import RandomSpec


def test_a_policy_is_what_the_environment_makes_of_the_same_actions(
    problem: PruningProblem,
) -> None:
    actions = RatioActions(problem)
    assert policy_of(actions, np.array([0.5, 0.5])) == (4, 2)
    # The target leaves no more than this, see the environment's test.
    assert policy_of(actions, np.array([0.0, 0.0])) == (6, 1)


@pytest.mark.parametrize("reading", READINGS)
def test_however_actions_are_read_the_target_is_met(problem: PruningProblem, reading: str) -> None:
    actions = READINGS[reading](problem)
    for wanted in np.random.default_rng(0).random((50, 2)):
        assert problem.cost.flops(policy_of(actions, wanted)) <= problem.budget


def test_a_search_reads_actions_as_its_spec_says(problem: PruningProblem, tmp_path: Path) -> None:
    runs = [
        list(
            play(RandomSpec(actions=reading), problem, lambda widths: 0.5, 5, 0, tmp_path / reading)
        )
        for reading in ("ratio", "relative")
    ]
    assert runs[0] != runs[1]


def test_a_search_is_sent_the_episode_of_each_proposal(
    problem: PruningProblem, tmp_path: Path
) -> None:
    sent: list[tuple[int, tuple[int, ...], float]] = []

    def proposals(spec: RandomSpec, problem: PruningProblem, seed: int) -> Proposals:
        for ratio in (0.5, 0.75, 0.25):
            episode = yield np.array([ratio, 0.5])
            sent.append((episode.number, episode.widths, episode.reward))

    agent = policy_search(proposals)
    run = list(agent(RandomSpec(), problem, lambda widths: widths[0] / 8, 3, 0, tmp_path))
    assert [episode.widths for episode in run] == [(4, 2), (2, 2), (6, 1)]
    # The last is not answered: nothing comes after it.
    assert sent == [(0, (4, 2), 0.5), (1, (2, 2), 0.25)]


def test_a_single_policy_is_evaluated_once(problem: PruningProblem, tmp_path: Path) -> None:
    agent = single_policy(lambda problem: (4, 2))
    (episode,) = agent(None, problem, lambda widths: 0.5, 100, 0, tmp_path)
    assert episode.widths == (4, 2)
