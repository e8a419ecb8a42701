"""One threshold on the L1 norms of all channels: magnitude pruning across groups."""

from __future__ import annotations

from agents.policies import single_policy
from agents.problem import PruningProblem
from agents.threshold import global_threshold, relative


def policy(problem: PruningProblem) -> tuple[int, ...]:
    """The widths after one threshold on L1 norms (Li et al. 2017) over their group's mean."""
    return global_threshold(relative(problem.criteria["l1"]), problem)


episodes = single_policy(policy)
