"""The same ratio for every group: the policy that needs no search."""

from __future__ import annotations

from agents.policies import Proposals, policy_search
from agents.problem import PruningProblem
from secateur.compression.policy import uniform
from secateur.spec import UniformSpec


def proposals(_spec: UniformSpec, problem: PruningProblem, _seed: int) -> Proposals:
    """The policy of the smallest single ratio that meets the target, and no other."""
    yield problem.ratios(uniform(problem.cost, problem.allowed, problem.budget))


episodes = policy_search(proposals)
