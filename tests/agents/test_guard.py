from __future__ import annotations

import math

import pytest

from agents.guard import finite
from secateur.errors import NonFiniteRewardError


@pytest.mark.parametrize("reward", [math.nan, math.inf, -math.inf])
def test_a_reward_that_is_no_number_is_an_error(reward: float) -> None:
    with pytest.raises(NonFiniteRewardError, match=r"widths \[4, 2\]"):
        finite(lambda widths: reward)((4, 2))


def test_any_other_reward_passes() -> None:
    assert finite(lambda widths: -1.5)((4, 2)) == -1.5
