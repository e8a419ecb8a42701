"""The same ratio for every group: the policy that needs no search."""

from __future__ import annotations

from agents.policies import single_policy
from agents.problem import PruningProblem
from secateur.compression.policy import uniform


def policy(problem: PruningProblem) -> tuple[int, ...]:
    """The widths of the smallest single ratio that meets the target."""
    return uniform(problem.limits, problem.allowed)


episodes = single_policy(policy)
