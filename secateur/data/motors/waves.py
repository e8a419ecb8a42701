"""Sampled oscillations, and what a housing makes of what excites it."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from secateur.data.motors.machines import Machine

Array = NDArray[np.float64]
Signals = NDArray[np.float32]

RATE = 2048
"""Samples a second."""

SAMPLES = 2048
"""Of one signal, which lasts a second: lines of a spectrum are 1 Hz apart."""

_SECONDS = (np.arange(SAMPLES) / RATE).astype(np.float32)


def phases(shape: tuple[int, ...], generator: np.random.Generator) -> Array:
    """Random phases, radians."""
    return generator.uniform(0, 2 * np.pi, shape)


def tone(amplitude: Array, frequency: Array, phase: Array) -> Signals:
    """amplitude·cos(2π·frequency·t + phase); all (n,) -> (n, SAMPLES)."""
    turning = (2 * np.pi * frequency).astype(np.float32)[:, None] * _SECONDS
    turning += phase.astype(np.float32)[:, None]
    np.cos(turning, out=turning)
    turning *= amplitude.astype(np.float32)[:, None]
    return turning


def impacts(rate: Array, weight: Signals, jitter: float, generator: np.random.Generator) -> Signals:
    """Trains of impulses (n, SAMPLES) at intervals that vary by slip.

    Intervals are independent (Randall & Antoni 2011): the later an impulse, the less is known
    of its time. An impulse between two samples is shared out to both.

    Args:
        rate: (n,) impulses a second.
        weight: (n, SAMPLES) of an impulse by its time.
        jitter: deviation of an interval, relative to its mean.
        generator: of the first times and of the intervals.
    """
    count = len(rate)
    most = int(np.ceil(1.2 * rate.max(initial=1))) + 2
    intervals = 1 + jitter * generator.standard_normal((count, most))
    intervals[:, 0] = generator.uniform(0, 1, count)
    places = np.cumsum(intervals, axis=1) * (RATE / rate)[:, None]
    left = np.floor(places).astype(np.int64)
    inside = (left >= 0) & (left < SAMPLES - 1)
    rows, _ = np.nonzero(inside)
    left, share = left[inside], (places - left)[inside]
    flat = rows * SAMPLES + left
    train = np.bincount(flat, 1 - share, count * SAMPLES)
    train += np.bincount(flat + 1, share, count * SAMPLES)
    return train.reshape(count, SAMPLES).astype(np.float32) * weight


def ringing(machine: Machine, force: Signals) -> Signals:
    """What the housing, a damped oscillator, makes of a force: (n, SAMPLES), the same.

    An impulse of 1 is answered by exp(-2π·ζ·f·t)·sin(2π·f·sqrt(1 - ζ²)·t), as in McFadden &
    Smith 1984, "Model for the vibration produced by a single point defect in a rolling element
    bearing". What is left at the end runs on at the beginning.
    """
    turning = 2 * np.pi * machine.resonance * _SECONDS.astype(np.float64)
    answer = np.exp(-machine.damping * turning) * np.sin(np.sqrt(1 - machine.damping**2) * turning)
    made = np.fft.rfft(force, axis=1) * np.fft.rfft(answer.astype(np.float32))
    rung: Signals = np.fft.irfft(made, SAMPLES, axis=1).astype(np.float32)
    return rung


def noise(count: int, deviation: float | Array, generator: np.random.Generator) -> Signals:
    """White normal noise (count, SAMPLES); ``deviation`` is one for all or (count,)."""
    drawn = generator.standard_normal((count, SAMPLES), np.float32)
    drawn *= np.broadcast_to(deviation, count).astype(np.float32)[:, None]
    return drawn
