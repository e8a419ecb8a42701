"""One threshold on the L1 norms of all channels: magnitude pruning across groups."""

from __future__ import annotations

from agents.policies import Proposals, policy_search
from agents.problem import PruningProblem
from agents.threshold import global_threshold, relative
from secateur.spec import L1GlobalSpec


def proposals(_spec: L1GlobalSpec, problem: PruningProblem, _seed: int) -> Proposals:
    """The policy of one threshold on L1 norms (Li et al. 2017) over their group's mean."""
    yield problem.ratios(global_threshold(relative(problem.criteria["l1"]), problem))


episodes = policy_search(proposals)
