from __future__ import annotations

import numpy as np

from agents.reward_model import RewardModel

DENSE = (16, 32, 64)


def policies(count: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Random widths and a reward in which the second group matters most."""
    rng = np.random.default_rng(seed)
    widths = rng.integers(np.array(DENSE) // 4, np.array(DENSE) + 1, (count, 3))
    shares = np.log(widths / np.array(DENSE))
    return widths, 0.5 + 0.05 * shares[:, 0] + 0.2 * shares[:, 1] - 0.1 * shares[:, 2]


def test_it_ranks_policies_that_it_has_not_seen() -> None:
    model = RewardModel(DENSE, seed=0)
    model.fit(*policies(60, 0), 200, np.random.default_rng(0))
    widths, rewards = policies(200, 1)
    assert np.corrcoef(model.predict(widths), rewards)[0, 1] > 0.95


def test_equal_rewards_are_no_trouble() -> None:
    model = RewardModel(DENSE, seed=0)
    widths, _ = policies(4, 0)
    model.fit(widths, np.full(4, 0.3), 20, np.random.default_rng(0))
    assert np.isfinite(model.predict(widths)).all()


def test_a_restored_model_goes_on_as_the_first() -> None:
    first, second = RewardModel(DENSE, seed=0), RewardModel(DENSE, seed=1)
    data = policies(20, 0)
    first.fit(*data, 10, np.random.default_rng(0))
    second.set_state(first.get_state())
    for model in (first, second):
        model.fit(*data, 10, np.random.default_rng(1))
    np.testing.assert_array_equal(first.predict(data[0]), second.predict(data[0]))
