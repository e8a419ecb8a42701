"""The tree-structured Parzen estimator (Bergstra et al. 2011; Watanabe 2023)."""

from __future__ import annotations

from optuna.samplers import TPESampler

from agents.policies import Proposals, policy_search
from agents.problem import PruningProblem
from agents.study import ask_and_tell
from secateur.spec import TPESpec


def proposals(spec: TPESpec, problem: PruningProblem, seed: int) -> Proposals:
    """Actions where good policies are dense and poor ones are not."""
    sampler = TPESampler(n_startup_trials=spec.warmup, multivariate=spec.multivariate, seed=seed)
    return ask_and_tell(sampler, problem)


episodes = policy_search(proposals)
