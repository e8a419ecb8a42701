from __future__ import annotations

import numpy as np
import pytest

from agents.reward_model import MOST, RewardModel, _few

DENSE = (16, 32, 64)


def policies(count: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Random widths and a reward in which the second group matters most."""
    rng = np.random.default_rng(seed)
    widths = rng.integers(np.array(DENSE) // 4, np.array(DENSE) + 1, (count, 3))
    shares = np.log(widths / np.array(DENSE))
    return widths, 0.5 + 0.05 * shares[:, 0] + 0.2 * shares[:, 1] - 0.1 * shares[:, 2]


def test_it_ranks_policies_that_it_has_not_seen() -> None:
    model = RewardModel(DENSE)
    model.fit(*policies(60, 0))
    widths, rewards = policies(200, 1)
    mean, deviation = model.predict(widths)
    assert np.corrcoef(mean, rewards)[0, 1] > 0.99
    # Three of four lie within one deviation or two; none may be far outside.
    assert np.mean(np.abs(mean - rewards) < 4 * deviation + 0.01) > 0.95


def test_it_knows_what_it_has_seen_best() -> None:
    model = RewardModel(DENSE)
    widths, rewards = policies(60, 0)
    model.fit(widths, rewards)
    _, near = model.predict(widths)
    _, far = model.predict(np.array([[1, 1, 1]]))
    assert far[0] > near.max()


def test_the_expected_improvement_is_that_of_the_paper(monkeypatch: pytest.MonkeyPatch) -> None:
    model = RewardModel(DENSE)
    model.fit(*policies(20, 0))
    best = model._best
    given = np.array([best, best + 1.0, best - 1.0]), np.array([2.0, 1.0, 1.0])
    monkeypatch.setattr(model, "predict", lambda _: given)
    # s (z F(z) + f(z)): 2 f(0) = 0.797885; F(1) + f(1) = 0.841345 + 0.241971; the last is
    # that minus 1.
    np.testing.assert_allclose(
        model.expected_improvement(policies(3, 0)[0]), [0.797885, 1.083316, 0.083316], atol=1e-6
    )


def test_equal_rewards_are_no_trouble() -> None:
    model = RewardModel(DENSE)
    widths, _ = policies(4, 0)
    model.fit(widths, np.full(4, 0.3))
    assert np.isfinite(model.expected_improvement(widths)).all()


def test_of_very_many_rewards_the_best_and_the_latest_count() -> None:
    rewards = np.zeros(MOST + 100)
    rewards[:50] = 1.0
    few = _few(rewards)
    assert len(few) == MOST
    assert set(range(50)) <= set(few.tolist())
    assert few[-1] == MOST + 99


def test_a_restored_model_goes_on_as_the_first() -> None:
    first, second = RewardModel(DENSE), RewardModel(DENSE)
    widths, rewards = policies(24, 0)
    first.fit(widths[:20], rewards[:20])
    second.set_state(first.get_state())
    for model in (first, second):
        model.fit(widths, rewards)
    for one, other in zip(first.predict(widths), second.predict(widths), strict=True):
        np.testing.assert_array_equal(one, other)
