"""One threshold on L1 norms and batch-norm scales together (CCPrune, Chen et al. 2021).

Source: Y. Chen, X. Wen, Y. Zhang, W. Shi, "CCPrune: Collaborative channel pruning for
learning compact convolutional networks", Neurocomputing 451, 2021.  A batch norm multiplies
what a convolution computes by its scale, so a channel counts by the product of both.  That
paper first trains the network with L1 penalties on weights and scales; here the network is
taken as it is, since every agent is given the same one.
"""

from __future__ import annotations

import numpy as np

from agents.policies import single_policy
from agents.problem import PruningProblem
from agents.threshold import global_threshold, relative
from secateur.compression.importance import Scores


def policy(problem: PruningProblem) -> tuple[int, ...]:
    """The widths after one threshold on the combined scores.

    Which channels of a group stay is the task's own criterion's to say, as for all agents.
    """
    scores = combined(problem.criteria["l1"], problem.criteria["bn-scale"])
    return global_threshold(scores, problem)


def combined(norms: Scores, scales: Scores) -> Scores:
    """Geometric mean of L1 norm and scale, each over its group's mean.

    It ranks a group's channels as the product does.  Groups without batch norm, for which
    ``scales`` holds the norms themselves, stay comparable: the mean is then the norm.
    """
    pairs = zip(relative(norms), relative(scales), strict=True)
    return tuple(np.sqrt(norm * scale) for norm, scale in pairs)


episodes = single_policy(policy)
