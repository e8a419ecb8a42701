"""Optuna's samplers as policy searches."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Literal, TypeAlias

import numpy as np
import optuna
from optuna.distributions import BaseDistribution, FloatDistribution
from optuna.samplers import BaseSampler
from optuna.trial import Trial

from agents.policies import Proposals
from agents.problem import PruningProblem
from secateur.records import Episode

Values: TypeAlias = Callable[[Episode], float | Sequence[float]]
Direction: TypeAlias = Literal["maximize", "minimize"]


def reward(episode: Episode) -> float:
    """The one value that most samplers maximise."""
    return episode.reward


def ask_and_tell(
    sampler: BaseSampler,
    problem: PruningProblem,
    values: Values = reward,
    directions: Sequence[Direction] = ("maximize",),
) -> Proposals:
    """Let a sampler choose one action in [0, 1] a group.

    Args:
        sampler: seeded.
        problem: what is to be pruned.
        values: what the sampler is told of an episode, one value a direction.
        directions: one an objective.
    """
    # Optuna says on the log what each trial was; our own record does.
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    study = optuna.create_study(sampler=sampler, directions=list(directions))
    space: dict[str, BaseDistribution] = {
        f"{place:03d} {group.name}": FloatDistribution(0.0, 1.0)
        for place, group in enumerate(problem.groups)
    }
    while True:
        trial: Trial = study.ask(space)
        episode = yield np.array([trial.params[name] for name in space])
        study.tell(trial, values(episode))
