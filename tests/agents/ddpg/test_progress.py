from __future__ import annotations

import pytest

from agents.ddpg.progress import Progress
from agents.ddpg.seeding import Stream, stream_seed


def test_the_baseline_starts_at_the_first_reward_and_moves_by_each() -> None:
    progress = Progress(entropy=0)
    progress.record([1.0], decay=0.9)
    assert progress.baseline == pytest.approx(1.0)
    # 0.9 * 1 + 0.1 * 2 = 1.1, then 0.9 * 1.1 + 0.1 * 0 = 0.99.
    progress.record([2.0, 0.0], decay=0.9)
    assert progress.baseline == pytest.approx(0.99)
    assert (progress.rounds, progress.episodes) == (2, 3)


def test_streams_differ_by_purpose_round_worker_and_seed() -> None:
    places = [
        (0, Stream.REPLAY, 0, 0),
        (0, Stream.EXPLORATION, 0, 0),
        (0, Stream.EXPLORATION, 1, 0),
        (0, Stream.EXPLORATION, 0, 1),
        (1, Stream.EXPLORATION, 0, 0),
    ]
    seeds = {stream_seed(*place) for place in places}
    assert len(seeds) == len(places)
    assert all(0 <= seed < 2**31 for seed in seeds)
    assert stream_seed(*places[0]) == stream_seed(*places[0])
