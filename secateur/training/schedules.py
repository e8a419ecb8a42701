"""Learning rates over the course of a training: one short function a schedule.

Each gives the share of the recipe's learning rate, in (0, 1], at a step of so many; steps
count from 0 to ``steps`` - 1.
"""

from __future__ import annotations

from collections.abc import Callable
from math import cos, pi

from secateur.errors import SpecError, nearest

_WARMUP = 10  # one step in so many
_STAIRS = 3
_DROP = 0.1
_END = 0.01

Schedule = Callable[[int, int], float]


def one_cycle(step: int, steps: int) -> float:
    """A linear rise over the first tenth of the steps, then half a cosine to almost 0.

    Smith & Topin 2019 with the cosine of Loshchilov & Hutter 2017; the rise takes one step
    at least.
    """
    assert 0 <= step < steps, (step, steps)
    warmup = max(1, steps // _WARMUP)
    if step < warmup:
        return (step + 1) / warmup
    return cosine(step - warmup + 1, steps - warmup + 1)


def constant(step: int, steps: int) -> float:
    """The full rate all along."""
    assert 0 <= step < steps, (step, steps)
    return 1.0


def stepped(step: int, steps: int) -> float:
    """A tenth of the rate from each third of the steps to the next: 1, 0.1, 0.01."""
    assert 0 <= step < steps, (step, steps)
    return float(_DROP ** (_STAIRS * step // steps))


def cosine(step: int, steps: int) -> float:
    """Half a cosine from the full rate to almost 0 (Loshchilov & Hutter 2017, no restarts)."""
    assert 0 <= step < steps, (step, steps)
    return (1 + cos(pi * step / steps)) / 2


def exponential(step: int, steps: int) -> float:
    """The same factor from each step to the next, from the full rate to almost 0.01 of it."""
    assert 0 <= step < steps, (step, steps)
    return float(_END ** (step / steps))


SCHEDULES: dict[str, Schedule] = {
    "one-cycle": one_cycle,
    "constant": constant,
    "step": stepped,
    "cosine": cosine,
    "exponential": exponential,
}
"""All schedules, by the names that specs and recipes give them."""


def named(name: str) -> Schedule:
    """The schedule of a name.

    Raises:
        SpecError: no schedule has it.
    """
    if name not in SCHEDULES:
        raise SpecError("schedule", name, nearest(name, SCHEDULES))
    return SCHEDULES[name]
