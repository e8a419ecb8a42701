"""Mean spectra of motors by their state."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes
from numpy.typing import NDArray

from search.pictures.look import canvas, colour, legend
from search.pictures.sketch import Sketch
from secateur.data.motors import CHANNELS, MACHINES, STATES, simulated
from secateur.data.motors.representations import to_decibels
from secateur.spec import DataSpec, MotorsData

SIGNALS = 400
"""That are simulated for the picture, a quarter of each state."""

BESIDE = 15
"""Hz on either side of the mains, where currents differ."""


def mean_spectra(data: DataSpec) -> Sketch | None:
    """Mean level by frequency of each state, of the current around the mains and of the vibration.

    Drawn of signals that are simulated anew, as those that the job learns from.

    Returns:
        Nothing of data other than motors.
    """
    if not isinstance(data, MotorsData):
        return None
    title = "Mean spectra by state"
    figure, ((upper,), (lower,)) = canvas(title, 5.4, rows=2)
    means = _means(data)
    supply = round(MACHINES[data.machine].supply)
    near = slice(max(0, supply - BESIDE), supply + BESIDE + 1)
    for axes, channel, lines in ((upper, 0, near), (lower, 1, slice(0, None))):
        _draw(axes, means[:, channel], lines)
        axes.set(title=CHANNELS[channel], xlabel="Hz", ylabel="dB")
    legend(figure, upper)
    says = (
        f"Mean levels of {SIGNALS} simulated signals of the {data.machine} by state: the current "
        f"within {BESIDE} Hz of the mains, where broken bars have sidebands, and the vibration, "
        "where imbalance is a line at the rotation and bearings ring the housing."
    )
    return Sketch("mean-spectra", title, says, figure)


def _means(data: MotorsData) -> NDArray[np.float32]:
    """(states, channels, lines), in dB."""
    some = data.model_copy(update={"signals": SIGNALS, "representation": "spectra"})
    images = simulated(some, np.random.default_rng(0))
    levels = to_decibels(images.pixels.astype(np.uint8)[:, :, 0])
    return np.stack([levels[images.labels == state].mean(axis=0) for state in range(len(STATES))])


def _draw(axes: Axes, levels: NDArray[np.float32], lines: slice) -> None:
    frequencies = np.arange(levels.shape[1])[lines]
    for state, name in enumerate(STATES):
        axes.plot(frequencies, levels[state, lines], color=colour(state), linewidth=0.9, label=name)
