"""Learning rates over the course of a training."""

from __future__ import annotations

from math import cos, pi

_WARMUP = 10  # one step in so many


def one_cycle(step: int, steps: int) -> float:
    """Share of the peak learning rate at ``step``, in (0, 1].

    A linear rise over the first tenth of the steps (one at least), then half a cosine
    down to almost 0: Smith & Topin 2019 with the cosine of Loshchilov & Hutter 2017.

    Args:
        step: from 0 to ``steps`` - 1.
        steps: of the whole training.
    """
    assert 0 <= step < steps, (step, steps)
    warmup = max(1, steps // _WARMUP)
    if step < warmup:
        return (step + 1) / warmup
    progress = (step - warmup + 1) / (steps - warmup + 1)
    return (1 + cos(pi * progress)) / 2
