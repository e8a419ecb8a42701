"""Random search (Bergstra & Bengio 2012): what every agent has to beat."""

from __future__ import annotations

import numpy as np

from agents.policies import Proposals, policy_search
from agents.problem import PruningProblem
from secateur.spec import RandomSpec


def proposals(_spec: RandomSpec, problem: PruningProblem, seed: int) -> Proposals:
    """Uniformly random actions, each group and each episode by itself."""
    generator = np.random.default_rng(seed)
    while True:
        yield generator.random(len(problem.groups))


episodes = policy_search(proposals)
