"""Spectra of motors: what the picture shows, held to the physics."""

import numpy as np

from search.pictures.spectra import mean_spectra
from secateur.data.motors import STATES
from secateur.spec import DigitsData, MotorsData


def test_states_differ_where_their_faults_are() -> None:
    sketch = mean_spectra(MotorsData(representation="series"))
    assert sketch is not None
    current, vibration = sketch.figure.axes
    assert [axes.get_title("left") for axes in (current, vibration)] == ["current", "vibration"]
    # 15 Hz on either side of 50 Hz; 1,024 lines from 0
    for axes, (first, last) in ((current, (35, 65)), (vibration, (0, 1023))):
        lines = axes.get_lines()
        assert tuple(line.get_label() for line in lines) == STATES
        assert all((line.get_xdata()[0], line.get_xdata()[-1]) == (first, last) for line in lines)
    healthy, bearing, broken, unbalanced = range(4)
    currents, vibrations = (
        np.stack([line.get_ydata() for line in axes.get_lines()]) for axes in (current, vibration)
    )
    # Sidebands at 2 · slip · 50 Hz, slips of 0.016 to 0.044: 45.6 to 48.4 Hz, places 10 to 14.
    assert currents[:, 10:14].mean(axis=1).argmax() == broken
    # Four poles turn at 0.956 to 0.984 · 25 Hz: lines 23 to 25.
    assert vibrations[:, 23:26].mean(axis=1).argmax() == unbalanced
    # The housing's resonance at 620 Hz, 5 % damped: 31 Hz on either side.
    assert vibrations[:, 590:650].mean(axis=1).argmax() == bearing
    assert abs(currents[healthy, 15] - currents[unbalanced, 15]) < 1


def test_other_data_have_none() -> None:
    assert mean_spectra(DigitsData()) is None
