"""Random streams that are functions of where a run stands, so none needs to be saved.

A generator that runs on would have to be saved from every process that holds one, and a
restarted process would begin it anew. Here each round reseeds from the run's entropy and
the round's number, and a restored run draws what the unbroken run would have drawn.
"""

from __future__ import annotations

from enum import IntEnum

import numpy as np


class Stream(IntEnum):
    """What a stream of random numbers is for."""

    EXPLORATION = 0
    ENVIRONMENT = 1
    REPLAY = 2
    PLAN = 3


def stream_sequence(
    entropy: int, stream: Stream, round_index: int, worker: int = 0
) -> np.random.SeedSequence:
    """Seed of one stream in one round, independent of every other.

    Args:
        entropy: the run's seed, >= 0.
        stream: what the numbers are for.
        round_index: rounds of sampling done before, >= 0.
        worker: index of the env runner, 0 for the local one.
    """
    return np.random.SeedSequence(entropy, spawn_key=(int(stream), worker, round_index))


def stream_seed(entropy: int, stream: Stream, round_index: int, worker: int = 0) -> int:
    """The same as a 31-bit integer, for generators that take no sequence."""
    sequence = stream_sequence(entropy, stream, round_index, worker)
    return int(sequence.generate_state(1)[0] >> 1)
