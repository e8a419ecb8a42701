"""What an action in [0, 1] asks of the next group, for many episodes at once.

Every reading of an action ends in the bound of AMC (He et al. 2018, algorithm 1) carried
over to groups: of the widths from which the target stays reachable, the one nearest to
what was asked for.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from agents.problem import PruningProblem
from secateur.compression.groups import IntArray
from secateur.compression.limits import Limit

Floats = NDArray[np.float64]


class Actions(Protocol):
    """How actions are read."""

    def widths(self, decided: IntArray, actions: Floats) -> IntArray:
        """Widths of the next group.

        Args:
            decided: widths of the groups before it, shape (episodes, decided groups).
            actions: in [0, 1], larger cuts more, shape (episodes,).

        Returns:
            Allowed widths within the target's reach, shape (episodes,).
        """


class RatioActions:
    """The action is the share of the group's channels to cut, as published."""

    def __init__(self, problem: PruningProblem) -> None:
        self._forms = _Forms(problem)

    def widths(self, decided: IntArray, actions: Floats) -> IntArray:
        """See ``Actions``."""
        return self._forms.nearest(decided, 1 - actions)


class RelativeActions:
    """The action is relative to the uniform policy for what is left to cut.

    0.5 asks for u, the ratio that meets the target if all groups still to come take it
    too; below, the ratio falls linearly to 0, above it rises linearly to the group's
    largest.  So the middle of the action space is the uniform policy whatever the target,
    and what the first groups keep the others share: read as plain ratios, random actions
    leave it all to the last groups.
    """

    def __init__(self, problem: PruningProblem) -> None:
        self._forms = _Forms(problem)
        self._least = np.array(
            [widths[0] / widths[-1] for widths in problem.allowed], dtype=np.float64
        )

    def widths(self, decided: IntArray, actions: Floats) -> IntArray:
        """See ``Actions``."""
        least = self._least[decided.shape[1]]
        uniform = np.clip(self._forms.uniform_share(decided), least, 1.0)
        less = 1 - 2 * actions * (1 - uniform)
        more = uniform - (2 * actions - 1) * (uniform - least)
        return self._forms.nearest(decided, np.where(actions < 0.5, less, more))  # noqa: PLR2004


READINGS: dict[str, Callable[[PruningProblem], Actions]] = {
    "ratio": RatioActions,
    "relative": RelativeActions,
}
"""How a spec names them."""


class _Forms:
    """What many partly decided policies may do next, by all limits."""

    def __init__(self, problem: PruningProblem) -> None:
        self._limits = [_Form(limit) for limit in problem.limits.each]
        self._dense = np.array(problem.dense_widths, dtype=np.float64)
        self._narrowest = np.array([widths[0] for widths in problem.allowed], dtype=np.float64)
        self._allowed = [widths.astype(np.float64) for widths in problem.allowed]

    def nearest(self, decided: IntArray, shares: Floats) -> IntArray:
        """The reachable widths nearest to shares of the next group, ties to the narrower."""
        assert np.isfinite(shares).all(), "an action that is no number"
        index = decided.shape[1]
        rest = self._policies(decided)
        rest[:, index + 1 :] = self._narrowest[index + 1 :]
        allowed = self._allowed[index]
        reachable = np.logical_and.reduce(
            [limit.reachable(rest, index, allowed) for limit in self._limits]
        )
        assert reachable[:, 0].all(), "the widths decided so far, or the target, cannot be met"
        distances = np.abs(allowed - shares[:, None] * self._dense[index])
        chosen = np.where(reachable, distances, np.inf).argmin(axis=1)
        widths: IntArray = allowed[chosen].astype(np.int64)
        return widths

    def uniform_share(self, decided: IntArray) -> Floats:
        """The share of its channels that every group to come may keep, widths unrounded."""
        policies = self._policies(decided)
        rest = self._dense.copy()
        rest[: decided.shape[1]] = 0
        share: Floats = np.minimum.reduce([limit.share(policies, rest) for limit in self._limits])
        return share

    def _policies(self, decided: IntArray) -> Floats:
        policies = np.zeros((len(decided), len(self._dense)))
        policies[:, : decided.shape[1]] = decided
        return policies


class _Form:
    """One limit's cost of many partly decided policies, as a function of what comes next."""

    def __init__(self, limit: Limit) -> None:
        form = limit.form
        self._pairs = (form.pairs + form.pairs.T) / 2
        self._linear, self._constant, self._most = form.linear, form.constant, limit.most

    def reachable(self, policies: Floats, index: int, allowed: Floats) -> NDArray[np.bool_]:
        """Whether each allowed width of group ``index`` keeps to the limit, the rest as it is.

        Args:
            policies: 0 at ``index``, shape (episodes, groups).
            index: of the group.
            allowed: shape (widths,).

        Returns:
            Shape (episodes, widths).
        """
        linear, constant = self._along(policies, np.eye(policies.shape[1])[index])
        cost = (self._pairs[index, index] * allowed + linear[:, None]) * allowed
        # Costs are whole numbers: half of one takes care of rounding errors.
        within: NDArray[np.bool_] = cost + constant[:, None] < self._most + 0.5
        return within

    def share(self, policies: Floats, rest: Floats) -> Floats:
        """The largest ``s``, shape (episodes,), by which ``policies + s * rest`` keeps to it."""
        square = float(rest @ self._pairs @ rest)
        linear, constant = self._along(policies, rest)
        missing = constant - self._most
        root = np.sqrt(np.maximum(linear**2 - 4 * square * missing, 0.0))
        # The larger root of square s² + linear s + missing, in a form that no small square upsets.
        share: Floats = -2 * missing / np.maximum(linear + root, 1e-12)
        return share

    def _along(self, policies: Floats, direction: Floats) -> tuple[Floats, Floats]:
        """Linear and constant coefficient of the cost at ``policies + s * direction``."""
        linear = 2 * policies @ (self._pairs @ direction) + self._linear @ direction
        constant = ((policies @ self._pairs + self._linear) * policies).sum(axis=1)
        return linear, constant + self._constant
