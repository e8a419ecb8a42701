"""Covariance matrix adaptation (Hansen & Ostermeier 2001)."""

from __future__ import annotations

from optuna.samplers import CmaEsSampler

from agents.policies import Proposals, policy_search
from agents.problem import PruningProblem
from agents.study import ask_and_tell
from secateur.spec import CMAESSpec


def proposals(spec: CMAESSpec, problem: PruningProblem, seed: int) -> Proposals:
    """Actions from a normal distribution that follows the better half of each generation.

    A covariance takes two groups or more: a single one is searched at random.
    """
    sampler = CmaEsSampler(popsize=spec.population, warn_independent_sampling=False, seed=seed)
    return ask_and_tell(sampler, problem)


episodes = policy_search(proposals)
