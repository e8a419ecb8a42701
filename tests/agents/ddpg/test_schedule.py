from __future__ import annotations

import pytest

from agents.ddpg.noise import UNIFORM_SIGMA
from agents.ddpg.schedule import NoiseSchedule
from secateur.errors import SpecError

SCHEDULE = NoiseSchedule(
    sigma=0.5, sigma_final=0.125, warmup_episodes=2, constant_episodes=3, decay_episodes=4
)


@pytest.mark.parametrize(
    ("episode", "sigma"),
    [
        (0, UNIFORM_SIGMA),
        (1, UNIFORM_SIGMA),
        (2, 0.5),
        (5, 0.5),  # first episode of the decay: 0.25 ** (0 / 4) = 1
        (7, 0.25),  # 0.5 * 0.25 ** (2 / 4)
        (9, 0.125),
        (1000, 0.125),
    ],
)
def test_values(episode: int, sigma: float) -> None:
    assert SCHEDULE.sigma_at(episode) == pytest.approx(sigma)


def test_phases_of_no_length_are_skipped() -> None:
    schedule = NoiseSchedule(0.4, 0.1, warmup_episodes=0, constant_episodes=0, decay_episodes=0)
    assert schedule.sigma_at(0) == 0.1


def test_the_published_schedule_by_default() -> None:
    schedule = NoiseSchedule()
    assert [schedule.sigma_at(episode) for episode in (0, 100)] == [0.5, 0.5]
    # Half way through 300 episodes: 0.5 * (0.01 / 0.5) ** 0.5 = 0.0707.
    assert schedule.sigma_at(250) == pytest.approx(0.0707, abs=1e-4)


@pytest.mark.parametrize(
    ("field", "value"),
    [("sigma", 0.0), ("sigma", float("nan")), ("sigma_final", 0.6), ("decay_episodes", -1)],
)
def test_values_out_of_range_are_named(field: str, value: float) -> None:
    with pytest.raises(SpecError, match=f"^{field}: "):
        NoiseSchedule(**{field: value})  # type: ignore[arg-type]
