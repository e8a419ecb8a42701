from __future__ import annotations

import numpy as np

from agents.embedding import FEATURES, LayerEmbedding, min_max
from agents.problem import PruningProblem


def shown(problem: PruningProblem, *decided: int) -> dict[str, float]:
    state = LayerEmbedding(problem).observe(decided)
    return dict(zip(FEATURES, state.tolist(), strict=True))


def test_there_are_the_eleven_published_features(problem: PruningProblem) -> None:
    assert len(FEATURES) == 11
    assert LayerEmbedding(problem).observe(()).dtype == np.float32


def test_the_first_state_is_that_of_the_first_group(problem: PruningProblem) -> None:
    state = shown(problem)
    # Of two groups the first is least in index and input channels, greatest in outputs
    # (8 against 4) and feature map (4x4 against 2x2); stride, kernel and FLOPs are shared.
    assert state == {
        "index": 0.0,
        "out_channels": 1.0,
        "in_channels": 0.0,
        "height": 1.0,
        "width": 1.0,
        "stride": 0.0,
        "kernel": 0.0,
        "flops": 0.0,
        "flops_removed": 0.0,
        "flops_remaining": np.float32(2304 / 4672),
        "previous_action": 0.0,
    }


def test_the_second_state_tells_what_was_cut(problem: PruningProblem) -> None:
    # 6 of 8 channels: 2·6·9·16 = 1,728 and 2·6·4·9·4 = 1,728, so 1,152 of 4,672 are gone.
    state = shown(problem, 6)
    assert state["index"] == 1.0
    assert state["flops_removed"] == np.float32(1152 / 4672)
    assert state["flops_remaining"] == 0.0
    assert state["previous_action"] == 0.25


def test_the_last_state_lies_in_the_space(problem: PruningProblem) -> None:
    state = LayerEmbedding(problem).observe((2, 1))
    assert ((state >= 0) & (state <= 1)).all()


def test_min_max_scales_columns_and_zeroes_constant_ones() -> None:
    scaled = min_max(np.array([[1.0, 5.0], [3.0, 5.0], [2.0, 5.0]]))
    np.testing.assert_array_equal(scaled, [[0, 0], [1, 0], [0.5, 0]])
