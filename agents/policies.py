"""Agents that propose one whole policy after the other, written as coroutines.

A search yields one wanted ratio a group and is sent the episode that came of it:

    def proposals(spec, problem, seed):
        while True:
            episode = yield ratios

``policy_search`` makes an agent of it; see ``agents.registry.play`` for what that is.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from agents.environment import Evaluate
from agents.journal import Journal
from agents.problem import PruningProblem
from agents.registry import Agent
from secateur.records import Episode

Ratios: TypeAlias = NDArray[np.float64]
"""Shares of the channels to cut, in [0, 1], shape [groups]; the target bounds them further."""

Proposals: TypeAlias = Generator[Ratios, Episode, None]
Search: TypeAlias = Callable[[Any, PruningProblem, int], Proposals]
"""Begins a search, given its spec, the problem and a seed, that all randomness comes from."""


def policy_search(proposals: Search) -> Agent:
    """The agent that evaluates what a search proposes, until it ends or the budget is spent."""

    def episodes(
        spec: Any,
        problem: PruningProblem,
        evaluate: Evaluate,
        budget: int,
        seed: int,
        state: Path,
    ) -> Iterator[Episode]:
        search = proposals(spec, problem, seed)
        journal = Journal(problem, evaluate, state)
        ratios = next(search, None)
        while ratios is not None:
            episode = journal.play(problem.widths(ratios))
            yield episode
            if len(journal.episodes) == budget:
                return
            ratios = _answer(search, episode)

    return episodes


def _answer(search: Proposals, episode: Episode) -> Ratios | None:
    """The next proposal, or nothing where the search has ended."""
    try:
        return search.send(episode)
    except StopIteration:
        return None
