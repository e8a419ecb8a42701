"""A model of the reward: what a policy is worth before it is evaluated."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.stats import norm
from sklearn.exceptions import ConvergenceWarning
from sklearn.gaussian_process import GaussianProcessRegressor
from sklearn.gaussian_process.kernels import ConstantKernel, Kernel, Matern, WhiteKernel

from agents.actions import Floats
from secateur.compression.groups import IntArray

GROWTH = 1.5
"""Hyperparameters are chosen anew when so many times more is known: a few times a run."""

MOST = 400
"""Rewards that are learned from; beyond these the best half of them and the latest half."""


class RewardModel:
    """A Gaussian process from widths to reward (Rasmussen & Williams 2006, chapter 2).

    Its Matern 5/2 kernel has a length scale for each group and a noise term: a reward on
    some hundred images is good to a point or two.  A group's width is shown as the
    logarithm of its share that is kept, since halving a group matters about alike wherever
    it starts.  Hyperparameters are those of the highest marginal likelihood.

    Args:
        dense: width of each group before pruning.
    """

    def __init__(self, dense: Sequence[int]) -> None:
        self._dense = np.array(dense, dtype=np.float64)
        self._kernel: Kernel = _kernel(len(dense))
        self._chosen = 0
        self._process = GaussianProcessRegressor()
        self._best = 0.0

    def fit(self, widths: IntArray, rewards: Floats) -> None:
        """Learn from all that is known.

        Args:
            widths: of the policies that were evaluated, shape (policies, groups).
            rewards: theirs, shape (policies,).
        """
        count = len(rewards)
        anew = count >= GROWTH * self._chosen
        few = _few(rewards)
        inputs, targets = self._inputs(widths[few]), rewards[few]
        self._process = GaussianProcessRegressor(
            self._kernel, normalize_y=True, optimizer="fmin_l_bfgs_b" if anew else None
        )
        with warnings.catch_warnings():
            # A length scale at its bound: a group that hardly matters.
            warnings.simplefilter("ignore", ConvergenceWarning)
            self._process.fit(inputs, targets)
        if anew:
            self._kernel, self._chosen = self._process.kernel_, count
        self._best = float(self._process.predict(inputs).max())

    def predict(self, widths: IntArray) -> tuple[Floats, Floats]:
        """Mean of the reward and standard deviation of what is not known about it.

        Args:
            widths: shape (policies, groups).

        Returns:
            Two arrays of shape (policies,); the deviation leaves out the noise.
        """
        mean, deviation = self._process.predict(self._inputs(widths), return_std=True)
        noise = self._process.kernel_.k2.noise_level * self._process._y_train_std**2
        return mean, np.sqrt(np.maximum(deviation**2 - noise, 1e-12))

    def expected_improvement(self, widths: IntArray) -> Floats:
        """By how much policies are expected to exceed the best mean of those known.

        Jones, Schonlau & Welch 1998, "Efficient global optimization", equation 15.

        Args:
            widths: shape (policies, groups).
        """
        mean, deviation = self.predict(widths)
        margin = (mean - self._best) / deviation
        improvement: Floats = deviation * (margin * norm.cdf(margin) + norm.pdf(margin))
        return improvement

    def get_state(self) -> dict[str, Any]:
        """The hyperparameters; all else follows from what is known."""
        return {"theta": self._kernel.theta.copy(), "chosen": self._chosen}

    def set_state(self, state: dict[str, Any]) -> None:
        """Take over what ``get_state`` returned."""
        self._kernel = self._kernel.clone_with_theta(state["theta"])
        self._chosen = state["chosen"]

    def _inputs(self, widths: IntArray) -> Floats:
        return np.log(widths / self._dense)


def _kernel(groups: int) -> Kernel:
    scale = Matern(np.full(groups, 1.5), (0.2, 20.0), nu=2.5)
    return ConstantKernel(1.0, (0.05, 20.0)) * scale + WhiteKernel(0.05, (1e-3, 0.5))


def _few(rewards: Floats) -> NDArray[np.int64]:
    """Which rewards to learn from: all, or the best and the latest, in order of arrival."""
    if len(rewards) <= MOST:
        return np.arange(len(rewards))
    latest = np.arange(len(rewards) - MOST // 2, len(rewards))
    best = np.argsort(-rewards[: -MOST // 2], kind="stable")[: MOST // 2]
    return np.sort(np.concatenate([best, latest]))
