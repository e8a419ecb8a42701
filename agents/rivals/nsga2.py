"""NSGA-II (Deb et al. 2002): accuracy against FLOPs, all within the target.

Its front is that of every agent's result, ``PruningResult.front``.
"""

from __future__ import annotations

from optuna.samplers import NSGAIISampler

from agents.policies import Proposals, policy_search
from agents.problem import PruningProblem
from agents.study import ask_and_tell
from secateur.records import Episode
from secateur.spec import NSGA2Spec


def proposals(spec: NSGA2Spec, problem: PruningProblem, seed: int) -> Proposals:
    """Actions crossed and mutated from policies that few others beat in both objectives."""
    sampler = NSGAIISampler(population_size=spec.population, seed=seed)
    return ask_and_tell(sampler, problem, reward_and_flops, ("maximize", "minimize"))


def reward_and_flops(episode: Episode) -> tuple[float, float]:
    """What a policy is judged by."""
    return episode.reward, float(episode.flops)


episodes = policy_search(proposals)
