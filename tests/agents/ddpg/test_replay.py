from __future__ import annotations

import numpy as np
import pytest

from agents.ddpg.replay import EpisodeReplay
from agents.ddpg.transitions import Transitions
from secateur.errors import SpecError


def episode(number: int, steps: int = 4) -> Transitions:
    """Observations (number, step), so that a sampled one tells where it comes from."""
    observations = np.array([[number, step] for step in range(steps + 1)], dtype=np.float32)
    return Transitions(
        observations=observations[:-1],
        actions=np.full((steps, 1), number, dtype=np.float32),
        rewards=np.full(steps, number, dtype=np.float32),
        next_observations=observations[1:],
        terminated=np.arange(1, steps + 1) == steps,
    )


def filled(episodes: int, capacity: int = 3) -> EpisodeReplay:
    replay = EpisodeReplay(capacity)
    for number in range(episodes):
        replay.add(episode(number))
    return replay


def test_the_oldest_episode_makes_room() -> None:
    replay = filled(4)
    sample = replay.sample(500, np.random.default_rng(0))
    assert replay.episodes == 3
    assert len(replay) == 12
    assert set(sample.rewards) == {1.0, 2.0, 3.0}


def test_transitions_stay_whole() -> None:
    sample = filled(2).sample(500, np.random.default_rng(0))
    assert np.array_equal(sample.next_observations[:, 1], sample.observations[:, 1] + 1)
    assert np.array_equal(sample.actions[:, 0], sample.observations[:, 0])
    assert np.array_equal(sample.terminated, sample.observations[:, 1] == 3)


@pytest.mark.parametrize("episodes", [2, 3, 5])
def test_every_step_of_every_episode_is_as_likely(episodes: int) -> None:
    replay = filled(episodes)
    draws = 24_000
    sample = replay.sample(draws, np.random.default_rng(0))
    cells = [tuple(row) for row in sample.observations.astype(int)]
    counts = np.array([cells.count(cell) for cell in set(cells)])
    assert len(counts) == len(replay)
    # A cell's count is binomial with standard deviation below sqrt(draws / cells).
    expected = draws / len(replay)
    assert np.abs(counts - expected).max() < 4 * np.sqrt(expected)


def test_episodes_of_other_lengths_share_evenly_by_step() -> None:
    replay = EpisodeReplay(3)
    for number, steps in enumerate((1, 5, 2)):
        replay.add(episode(number, steps))
    sample = replay.sample(8000, np.random.default_rng(0))
    shares = [np.mean(sample.rewards == number) for number in range(3)]
    assert shares == pytest.approx([1 / 8, 5 / 8, 2 / 8], abs=0.02)
    replay.add(episode(3, 2))  # takes the place of the one-step episode
    assert len(replay) == 9


@pytest.mark.parametrize("episodes", [0, 2, 5])
def test_a_restored_ring_goes_on_as_the_first(episodes: int) -> None:
    replay, copy = filled(episodes), EpisodeReplay(3)
    copy.set_state(replay.get_state())
    for ring in (replay, copy):
        ring.add(episode(9, steps=6))
    samples = [ring.sample(200, np.random.default_rng(1)) for ring in (replay, copy)]
    for first, second in zip(*samples, strict=True):
        assert np.array_equal(first, second)
    assert copy.episodes == replay.episodes


def test_a_state_does_not_share_memory() -> None:
    replay = filled(1)
    state = replay.get_state()
    state["columns"]["rewards"][:] = 7.0
    assert set(replay.sample(10, np.random.default_rng(0)).rewards) == {0.0}


def test_capacities_must_agree() -> None:
    with pytest.raises(SpecError, match="replay_episodes"):
        EpisodeReplay(0)
    with pytest.raises(SpecError, match="capacity, 3"):
        EpisodeReplay(2).set_state(filled(4).get_state())
