"""Kinds of agents by name: the one way to let any of them play."""

from __future__ import annotations

from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any, Protocol

from agents.allowance import Enough, never
from agents.environment import Evaluate
from agents.guard import finite
from agents.problem import PruningProblem
from secateur.records import Episode
from secateur.spec import AgentSpec


class Agent(Protocol):
    """What the ``episodes`` function of an agent's module does; see ``play``."""

    def __call__(
        self,
        spec: Any,
        problem: PruningProblem,
        evaluate: Evaluate,
        budget: int,
        seed: int,
        state: Path,
        enough: Enough,
        /,
    ) -> Iterator[Episode]:
        """Play."""


# Names, not modules: a job loads only the agent that it asks for, and RLlib and Optuna
# take seconds.
_MODULES = {
    "ddpg": "agents.ddpg_agent",
    "ddpg-published": "agents.ddpg_agent",
    "ppo": "agents.rivals.ppo",
    "sac": "agents.rivals.sac",
    "random": "agents.rivals.random_search",
    "tpe": "agents.rivals.tpe",
    "cmaes": "agents.rivals.cmaes",
    "nsga2": "agents.rivals.nsga2",
    "bee-colony": "agents.rivals.bee_colony",
    "uniform": "agents.rivals.uniform",
    "l1-global": "agents.rivals.l1_global",
    "bn-scale": "agents.rivals.bn_scale",
}

KINDS = tuple(_MODULES)


def play(
    spec: AgentSpec,
    problem: PruningProblem,
    evaluate: Evaluate,
    budget: int,
    seed: int,
    state: Path,
    enough: Enough = never,
) -> Iterator[Episode]:
    """Let the agent of ``spec.kind`` play; equal arguments give equal episodes.

    Args:
        spec: of the agent.
        problem: what is to be pruned, and how far; every episode meets its target.
        evaluate: reward of a complete policy given its widths, finite, larger is better.
            It must answer the same widths alike and draw from no global random stream.
        budget: evaluations at most, at least 1.
        seed: of all that is random.
        state: folder of this run alone. An interrupted run goes on from it exactly as if
            it had not been.
        enough: asked between episodes, after the first; no more are begun once it says so.

    Yields:
        Episodes numbered from 0, those of an interrupted run first; ``budget`` of them, fewer
        where there was ``enough``, or one where the agent has a single policy to propose.

    Raises:
        NonFiniteRewardError: a reward is NaN or infinite; the episodes before it are kept.
        StageError: ``state`` is of another run.
    """
    agent: Agent = import_module(_MODULES[spec.kind]).episodes
    return agent(spec, problem, finite(evaluate), budget, seed, state, enough)
