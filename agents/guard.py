"""Keeps rewards that are no numbers from reaching an agent."""

from __future__ import annotations

import math

from agents.environment import Evaluate
from secateur.errors import NonFiniteRewardError


def finite(evaluate: Evaluate) -> Evaluate:
    """The same evaluation, with an error for rewards that are NaN or infinite.

    Raises:
        NonFiniteRewardError: from the evaluation that is returned.
    """

    def guarded(widths: tuple[int, ...]) -> float:
        reward = evaluate(widths)
        if not math.isfinite(reward):
            raise NonFiniteRewardError(
                f"reward of widths {list(widths)}: {reward}; expected a finite number"
            )
        return reward

    return guarded
