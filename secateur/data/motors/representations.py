"""What networks see of signals, in 256 levels: the series themselves, or their spectra."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from secateur.data.motors.waves import SAMPLES, Signals

Levels = NDArray[np.uint8]

FULL_SCALE = (2.0, 4.0)
"""Greatest magnitude of the current (rated amplitudes) and of the vibration (g) in a series."""

FLOOR, CEILING = -90.0, 12.0
"""Of a spectrum, in dB of an amplitude of 1; a level is 0.4 dB."""

LINES = SAMPLES // 2
"""Of a spectrum, 1 Hz apart, from 0; the last, at half the rate, is left out."""

_TOP = 255
_MIDDLE = 128


def series(signals: Signals) -> Levels:
    """Signals as an 8-bit converter gives them: 128 is 0, and 1 and 255 are full scale.

    What exceeds the scale is clipped.

    Args:
        signals: (n, 2, samples), as ``simulate`` makes them.

    Returns:
        uint8 (n, 2, 1, samples).
    """
    scale = (_MIDDLE - 1) / np.array(FULL_SCALE, np.float32)[:, None]
    return _rounded(signals * scale + _MIDDLE)


def decibels(signals: Signals) -> NDArray[np.float32]:
    """Amplitude spectra of Hann-windowed signals, a sine of amplitude 1 at 0 dB.

    Args:
        signals: (n, channels, SAMPLES).

    Returns:
        float32 (n, channels, LINES), line k at k Hz, none below ``FLOOR``.
    """
    window = np.hanning(SAMPLES + 1)[:-1].astype(np.float32)
    amplitudes = np.abs(np.fft.rfft(signals * window, axis=2)[:, :, :LINES]) * (2 / window.sum())
    found: NDArray[np.float32] = 20 * np.log10(np.maximum(amplitudes, 10 ** (FLOOR / 20)))
    return found.astype(np.float32)


def spectra(signals: Signals) -> Levels:
    """Spectra in decibels, ``FLOOR`` as 0 and ``CEILING`` as 255.

    Args:
        signals: (n, 2, samples), as ``simulate`` makes them.

    Returns:
        uint8 (n, 2, 1, LINES).
    """
    return _rounded((decibels(signals) - FLOOR) * (_TOP / (CEILING - FLOOR)))


def to_decibels(levels: Levels) -> NDArray[np.float32]:
    """What ``spectra`` made levels of, rounded to them; any shape."""
    return (FLOOR + levels.astype(np.float32) * ((CEILING - FLOOR) / _TOP)).astype(np.float32)


def _rounded(values: NDArray[np.floating[Any]]) -> Levels:
    """(n, channels, length) -> the nearest levels, (n, channels, 1, length)."""
    levels: Levels = np.clip(np.rint(values), 0, _TOP).astype(np.uint8)
    return levels[:, :, None]


REPRESENTATIONS: Mapping[str, Callable[[Signals], Levels]] = MappingProxyType(
    {"series": series, "spectra": spectra}
)
"""By the names that specs call them."""
