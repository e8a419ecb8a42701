from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

import gymnasium as gym
import numpy as np
import pytest
from ray import cloudpickle

from agents.ddpg import DDPGConfig

# Workers cannot import the test folders, so what is defined in here travels by value.
cloudpickle.register_pickle_by_value(sys.modules[__name__])

COSTS = np.array([0.4, 0.3, 0.2, 0.1])
SENSITIVITIES = np.array([0.3, 0.1, 0.2, 0.05])
TARGET, PENALTY = 0.6, 2.0


class RatioAllocation(gym.Env[Any, Any]):
    """Four layers of given costs and sensitivities; cut the target share where it hurts least.

    R = 1 - sum_i s_i a_i^2 - p (t - sum_i c_i a_i)^2, paid after the last layer.
    """

    def __init__(self, config: dict[str, Any] | None = None) -> None:
        self.observation_space = gym.spaces.Box(0.0, 1.0, (11,), np.float32)
        self.action_space = gym.spaces.Box(0.0, 1.0, (1,), np.float32)

    def reset(self, *, seed: int | None = None, options: Any = None) -> tuple[Any, dict[str, Any]]:
        super().reset(seed=seed)
        self.actions: list[float] = []
        return self._observation(), {}

    def step(self, action: Any) -> tuple[Any, float, bool, bool, dict[str, Any]]:
        self.actions.append(float(action[0]))
        ended = len(self.actions) == len(COSTS)
        return self._observation(), self.reward() if ended else 0.0, ended, False, {}

    def reward(self) -> float:
        cut = np.array(self.actions)
        missing = TARGET - COSTS @ cut
        return float(1.0 - SENSITIVITIES @ cut**2 - PENALTY * missing**2)

    def _observation(self) -> Any:
        done = len(self.actions)
        observation = np.zeros(11, dtype=np.float32)
        if done < len(COSTS):
            observation[:3] = done / len(COSTS), COSTS[done], SENSITIVITIES[done]
        if done:
            observation[3:5] = COSTS[:done] @ np.array(self.actions), self.actions[-1]
        return observation


class RandomStart(RatioAllocation):
    """Pays a bonus drawn at reset and shows it in the observation."""

    def reset(self, *, seed: int | None = None, options: Any = None) -> tuple[Any, dict[str, Any]]:
        _, info = super().reset(seed=seed)
        self.bonus = float(self.np_random.uniform())
        return self._observation(), info

    def reward(self) -> float:
        return super().reward() + self.bonus

    def _observation(self) -> Any:
        observation = super()._observation()
        observation[10] = getattr(self, "bonus", 0.0)
        return observation


class Broken(RatioAllocation):
    """Fails in the way that its config names."""

    def __init__(self, config: dict[str, Any]) -> None:
        super().__init__(config)
        self.fault = config["fault"]

    def step(self, action: Any) -> tuple[Any, float, bool, bool, dict[str, Any]]:
        if self.fault == "step":
            raise RuntimeError("broken on purpose")
        return super().step(action)

    def reward(self) -> float:
        return float("nan")


@pytest.fixture(autouse=True)
def on_ray(ray_session: None) -> None:
    """RLlib would start a Ray of its own where none runs."""


@pytest.fixture
def ratio_allocation() -> type[RatioAllocation]:
    return RatioAllocation


@pytest.fixture
def small() -> Callable[..., DDPGConfig]:
    """A config that runs an episode in some 20 ms."""

    def config(name: str = "RatioAllocation", seed: int = 0, **training: Any) -> DDPGConfig:
        environments = {kind.__name__: kind for kind in (RatioAllocation, RandomStart, Broken)}
        return (
            DDPGConfig()
            .environment(environments[name])
            .training(**{"hidden": (16, 16), "minibatch_size": 8, **training})
            .debugging(seed=seed)
        )

    return config
