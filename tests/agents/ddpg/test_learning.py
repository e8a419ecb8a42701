"""DDPG against a problem whose best answer is known.

Maximise R = 1 - sum s_i a_i^2 - p (t - sum c_i a_i)^2. Setting the gradient to zero gives
a_i = k c_i / s_i with k = p (t - k S), S = sum c_i^2 / s_i, so k = p t / (1 + p S) and
R* = 1 - p t^2 / (1 + p S).
For c = (.4, .3, .2, .1), s = (.3, .1, .2, .05), t = .6, p = 2:
S = .16/.3 + .09/.1 + .04/.2 + .01/.05 = 1.8333, k = 1.2 / 4.6667 = .25714,
a* = (.3429, .7714, .2571, .5143), all within [0, 1], and R* = 1 - .72 / 4.6667 = .84571.
Uniform actions: sum s_i / 3 + p ((t - sum c_i / 2)^2 + sum c_i^2 / 12)
= .21667 + 2 (.01 + .025) = .28667, so a mean of .71333.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from agents.ddpg import DDPG, DDPGConfig

OPTIMUM, UNIFORM = 0.84571, 0.71333
EPISODES, JUDGED = 160, 20


def play(environment: Any, act: Callable[[Any], Any]) -> float:
    observation, _ = environment.reset()
    ended = False
    while not ended:
        observation, reward, ended, _, _ = environment.step(act(observation))
    return float(reward)


def test_the_closed_form_is_right(ratio_allocation: Any) -> None:
    environment = ratio_allocation()
    best = iter([0.34286, 0.77143, 0.25714, 0.51429])
    assert play(environment, lambda _: [next(best)]) == pytest.approx(OPTIMUM, abs=1e-5)
    rng = np.random.default_rng(0)
    random = [play(environment, lambda _: rng.uniform(size=1)) for _ in range(4000)]
    assert np.mean(random) == pytest.approx(UNIFORM, abs=0.01)


def test_learns_to_within_a_tenth_of_the_gap(
    ratio_allocation: Any, small: Callable[..., DDPGConfig]
) -> None:
    config = small(
        actor_lr=1e-3,
        critic_lr=3e-3,
        tau=0.02,
        hidden=(64, 64),
        minibatch_size=64,
        updates_per_step=2,
        sigma_final=0.05,
        warmup_episodes=20,
        constant_episodes=20,
        decay_episodes=100,
    )
    algorithm: DDPG = config.build_algo()
    greedy = []
    for episode in range(EPISODES):
        algorithm.train()
        if episode >= EPISODES - JUDGED:
            greedy.append(play(ratio_allocation(), algorithm.act))
    algorithm.stop()
    assert np.mean(greedy) > OPTIMUM - 0.1 * (OPTIMUM - UNIFORM)
