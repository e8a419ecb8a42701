"""One threshold for the channels of all groups: what is below it goes."""

from __future__ import annotations

from bisect import bisect_left

import numpy as np
from numpy.typing import NDArray

from agents.problem import PruningProblem
from secateur.compression.importance import Scores
from secateur.compression.policy import nearest_width


def relative(scores: Scores) -> Scores:
    """Scores in units of their group's mean, so that they compare across groups.

    Raw norms grow with a layer's fan-in and would empty the layers with small kernels.
    A group whose scores are all 0 keeps them.
    """
    return tuple(score / (score.mean() or 1.0) for score in scores)


def global_threshold(scores: Scores, problem: PruningProblem) -> tuple[int, ...]:
    """Widths after the lowest threshold on all channels that meets the target.

    Each group takes the allowed width nearest to its number of channels above the
    threshold (Liu et al. 2017, section 3, with bounds).

    Args:
        scores: comparable across groups, one array a group.
        problem: what is to be pruned, and how far.
    """
    thresholds = np.unique(np.concatenate(scores))

    def widths(threshold: float) -> NDArray[np.int64]:
        cut = [float(np.mean(score <= threshold)) for score in scores]
        return np.array(
            [nearest_width(a, ratio) for a, ratio in zip(problem.allowed, cut, strict=True)]
        )

    # Costs never grow with the threshold, and with the last one nothing is above.
    fits = bisect_left(thresholds, True, key=lambda t: bool(problem.limits.met(widths(t))))
    return tuple(widths(thresholds[fits]).tolist())
