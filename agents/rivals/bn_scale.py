"""One threshold on L1 norms and batch-norm scales together (CCPrune, Chen et al. 2021).

Source: Y. Chen, X. Wen, Y. Zhang, W. Shi, "CCPrune: Collaborative channel pruning for
learning compact convolutional networks", Neurocomputing 451, 2021.  A batch norm multiplies
what a convolution computes by its scale, so a channel counts by the product of both.  That
paper first trains the network with L1 penalties on weights and scales; here the network is
taken as it is, since every agent is given the same one.
"""

from __future__ import annotations

import numpy as np

from agents.policies import Proposals, policy_search
from agents.problem import PruningProblem
from agents.threshold import global_threshold, relative
from secateur.compression.importance import Scores
from secateur.spec import BNScaleSpec


def proposals(_spec: BNScaleSpec, problem: PruningProblem, _seed: int) -> Proposals:
    """The policy of one threshold on the combined scores; it decides on widths alone."""
    scores = combined(problem.criteria["l1"], problem.criteria["bn-scale"])
    yield problem.ratios(global_threshold(scores, problem))


def combined(norms: Scores, scales: Scores) -> Scores:
    """Geometric mean of L1 norm and scale, each over its group's mean.

    It ranks a group's channels as the product does.  Groups without batch norm, for which
    ``scales`` holds the norms themselves, stay comparable: the mean is then the norm.
    """
    pairs = zip(relative(norms), relative(scales), strict=True)
    return tuple(np.sqrt(norm * scale) for norm, scale in pairs)


episodes = policy_search(proposals)
