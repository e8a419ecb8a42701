"""Uniform, global L1 and CCPrune: rivals that need no search."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from agents.problem import PruningProblem
from agents.rivals import bn_scale, l1_global, uniform

NORMS = (
    np.array([8, 7, 6, 5, 4, 3, 2, 1], np.float32),
    np.array([9, 5.5, 2.5, 1], np.float32),
)
SCALES = (np.array([1, 1, 1, 1, 1, 1, 1, 25], np.float32), NORMS[1])


def test_uniform_takes_the_smallest_ratio_that_fits(problem: PruningProblem) -> None:
    # FLOPs are 288 w + 72 w v + 16 v, of which 2,336 may stay. A ratio of a quarter keeps
    # (6, 3) with 3,072; from 3/8 on (5, 2): 2,192, the first to fit.
    assert uniform.policy(problem) == (5, 2)


def test_l1_global_cuts_the_weakest_channels_of_all(problem: PruningProblem) -> None:
    # Over their means, 4.5 in both groups, the norms compare as they are: (5, 2) stand above 3.
    assert l1_global.policy(replace(problem, criteria={"l1": NORMS})) == (5, 2)


def test_bn_scale_counts_a_channel_by_norm_and_scale(problem: PruningProblem) -> None:
    norms, scales = (np.array([1, 3], np.float32),), (np.array([3, 1], np.float32),)
    # 0.5·1.5 and 1.5·0.5 over the means: both channels count the same.
    np.testing.assert_allclose(bn_scale.combined(norms, scales)[0], [0.75**0.5] * 2, rtol=1e-6)


def test_bn_scale_falls_back_on_norms_without_batch_norm() -> None:
    norms = (np.array([1, 3], np.float32),)
    np.testing.assert_allclose(bn_scale.combined(norms, norms)[0], [0.5, 1.5], rtol=1e-6)


def test_bn_scale_cuts_the_weakest_channels_of_all(problem: PruningProblem) -> None:
    # Over means of 4.5 and 4 the first group scores (n/18)^½ = 0.67, 0.62, 0.58, 0.53, 0.47,
    # 0.41, 0.33 and, by its scale, (25/18)^½ = 1.18; the second 2, 1.22, 0.56 and 0.22.
    # Above 0.47 there are (5, 3) channels with 2,568 FLOPs, above 0.53 (4, 3) with 2,064.
    criteria = {"l1": NORMS, "bn-scale": SCALES}
    assert bn_scale.policy(replace(problem, criteria=criteria)) == (4, 3)
