import numpy as np
import pytest

from secateur.data import load
from secateur.data.motors import STATES, representations
from secateur.errors import DataError, SpecError
from secateur.spec import MotorsData, parse


def test_spectra_and_series_of_a_machine_in_four_states():
    spectra, series = (
        load(MotorsData(signals=100, representation=kind), seed=0) for kind in ("spectra", "series")
    )
    assert (spectra.name, series.name) == ("motors-fan-spectra", "motors-fan-series")
    assert spectra.labels == STATES
    assert (spectra.input_shape, series.input_shape) == ((2, 1, 1024), (2, 1, 2048))
    # Two fifths of 100 for testing, a fifth of the 60 left for validation
    assert [len(part) for part in (series.train, series.validation, series.test)] == [48, 12, 40]
    assert np.bincount(series.test.labels).tolist() == [10, 10, 10, 10]
    assert spectra.train.pixels.dtype == np.uint8


def test_machines_and_noise_differ():
    usual, pump, quiet = (
        load(MotorsData(signals=20, test=0.2, validation=0.25, **changes), seed=0)
        for changes in ({}, {"machine": "pump"}, {"noise": 0.0})
    )
    assert len({usual.digest, pump.digest, quiet.digest}) == 3
    assert quiet.train.pixels.mean() < usual.train.pixels.mean()  # fewer dB between the lines


def test_levels_of_series():
    signals = np.zeros((1, 2, 4), np.float32)
    # 128 + 127 · x / 2 of a current, 128 + 127 · x / 4 of a vibration: 1 g is 159.75
    signals[0, 0] = [0, 2, -2, 5]
    signals[0, 1] = [0, 1, -4, -9]
    levels = representations.series(signals)
    assert levels.shape == (1, 2, 1, 4)
    assert levels[0, :, 0].tolist() == [[128, 255, 1, 255], [128, 160, 1, 0]]


def test_levels_of_spectra():
    seconds = np.arange(2048) / 2048
    signals = np.zeros((1, 2, 2048), np.float32)
    signals[0, 0] = np.sin(2 * np.pi * 100 * seconds)
    signals[0, 1] = 0.01 * np.sin(2 * np.pi * 100 * seconds)
    levels = representations.spectra(signals)
    # An amplitude of 1 is 0 dB: 90 / 0.4 = 225; of 0.01 it is -40 dB: 125. Beside a line the
    # Hann window is 6.02 dB lower, 15 levels, and two lines beside it there is nothing.
    assert levels[0, :, 0, 99:102].tolist() == [[210, 225, 210], [110, 125, 110]]
    assert levels[0, :, 0, 103:].max() == 0
    assert representations.to_decibels(levels)[0, 0, 0, 100] == pytest.approx(0, abs=1e-4)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"machine": "fann"}, ["data.machine: 'fann'", "'fan' or 'pump'"]),
        ({"representation": "wavelets"}, ["data.representation", "'spectra' or 'series'"]),
        ({"signals": 3}, ["data.signals: 3", "20"]),
        ({"noise": -1.0}, ["data.noise: -1.0", "0"]),
        ({"test": 1.0}, ["data.test: 1.0", "1"]),
    ],
)
def test_refusals(changes, words):
    with pytest.raises(SpecError) as refused:
        parse({"name": "job", "data": {"kind": "motors"} | changes})
    assert [word for word in words if word not in str(refused.value)] == []


def test_a_test_split_without_every_state_is_refused():
    with pytest.raises(DataError, match=r"data\.test: 0\.05 of 20 images is 1, for 4 classes"):
        load(MotorsData(signals=20, test=0.05), seed=0)
