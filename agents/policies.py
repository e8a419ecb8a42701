"""Agents that propose one whole policy after the other, written as coroutines.

A search yields one action a group and is sent the episode that came of it:

    def proposals(spec, problem, seed):
        while True:
            episode = yield wanted

``policy_search`` makes an agent of it; see ``agents.registry.play`` for what that is.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from agents.actions import READINGS, Actions
from agents.allowance import Enough, never
from agents.environment import Evaluate
from agents.journal import Journal
from agents.problem import PruningProblem
from agents.registry import Agent
from secateur.records import Episode

Wanted: TypeAlias = NDArray[np.float64]
"""How hard to cut each group, in [0, 1], shape [groups]: the actions that the reinforcement
learners take one by one, read alike and held to the target alike."""

Proposals: TypeAlias = Generator[Wanted, Episode, None]
Search: TypeAlias = Callable[[Any, PruningProblem, int], Proposals]
"""Begins a search, given its spec, the problem and a seed, that all randomness comes from."""


def policy_search(proposals: Search) -> Agent:
    """The agent that evaluates what a search proposes, until the budget is spent."""

    def episodes(
        spec: Any,
        problem: PruningProblem,
        evaluate: Evaluate,
        budget: int,
        seed: int,
        state: Path,
        enough: Enough = never,
    ) -> Iterator[Episode]:
        journal, actions = Journal(problem, evaluate, state), READINGS[spec.actions](problem)
        search = proposals(spec, problem, seed)
        wanted = next(search)
        while True:
            episode = journal.play(policy_of(actions, wanted))
            yield episode
            if len(journal.episodes) == budget or enough():
                return
            wanted = search.send(episode)

    return episodes


def single_policy(choose: Callable[[PruningProblem], tuple[int, ...]]) -> Agent:
    """The agent that has one policy to propose, and needs no more than one evaluation."""

    def episodes(
        _spec: Any,
        problem: PruningProblem,
        evaluate: Evaluate,
        _budget: int,
        _seed: int,
        state: Path,
        _enough: Enough = never,
    ) -> Iterator[Episode]:
        yield Journal(problem, evaluate, state).play(choose(problem))

    return episodes


def policy_of(actions: Actions, wanted: Wanted) -> tuple[int, ...]:
    """The widths that come of one action a group, as in the environment."""
    widths: list[int] = []
    for action in wanted:
        decided = np.array(widths, dtype=np.int64).reshape(1, -1)
        widths.append(int(actions.widths(decided, np.array([action]))[0]))
    return tuple(widths)
