"""Lines of the spectra, at frequencies and heights that were worked out by hand."""

import numpy as np
import pytest
from scipy.signal import hilbert

from secateur.data.motors import FAN, STATES, Bearing, Condition, Operation, measured, simulate
from secateur.data.motors.current import asymmetry
from secateur.data.motors.representations import decibels
from secateur.data.motors.waves import RATE, SAMPLES, impacts, noise, ringing, tone

CURRENT, VIBRATION = 0, 1


def one(value):
    return np.array([float(value)])


def spectrum(load, bars=0.0, imbalance=0.0, eccentricity=0.0, impact=0.0, inner=False):
    """Of one fan without noise at 50 Hz, float32 (channels, lines)."""
    return decibels(signal(load, bars, imbalance, eccentricity, impact, inner))[0]


def signal(load, bars=0.0, imbalance=0.0, eccentricity=0.0, impact=0.0, inner=False):
    operation = Operation.at(FAN, one(load), one(50))
    condition = Condition(
        one(bars), one(imbalance), one(eccentricity), one(impact), np.array([inner])
    )
    return measured(FAN, operation, condition, np.random.default_rng(0), noise=0)


def test_the_rotor_lags_by_the_slip():
    # At 75 % load the slip is 0.75 · 0.04 = 0.03, and four poles turn at 0.97 · 50 / 2.
    operation = Operation.at(FAN, one(0.75), one(50))
    assert operation.slip == pytest.approx(0.03)
    assert operation.rotation == pytest.approx(24.25)


def test_broken_bars_stand_two_slip_frequencies_beside_the_fundamental():
    sound, broken = (spectrum(0.75, bars)[CURRENT] for bars in (0, 3))
    # (1 ± 2 · 0.03) · 50 = 47 and 53 Hz. Angle 2π · 2 · 3 / 28 = 1.3464, its sine 0.9749;
    # 0.9749 / (4 · (6.2832 - 1.3464)) = 0.04937. The rotor's current is 0.75 · sqrt(1 - 0.4²) =
    # 0.6874: a line of 0.03394, -29.4 dB, and 0.7 of it, 3.1 dB less, above the fundamental.
    assert broken[47] == pytest.approx(-29.4, abs=0.1)
    assert broken[53] == pytest.approx(-32.5, abs=0.1)
    # The next pair at 44 and 56 Hz: 0.04937² · 0.6874 = 0.001675, -55.5 dB.
    assert broken[44] == pytest.approx(-55.5, abs=0.3)
    assert max(sound[47], sound[53]) < -80
    # The fundamental: sqrt(0.4² + 0.6874²) = 0.7953, -2.0 dB, with bars or without.
    assert [sound[50], broken[50]] == pytest.approx([-2.0, -2.0], abs=0.1)


def test_one_bar_of_28_is_as_high_as_published():
    # Angle 2π · 2 / 28 = 0.4488: 0.4339 / (4 · 5.8344) = 0.01859, -34.6 dB
    assert asymmetry(FAN, np.array([0.0, 1.0])) == pytest.approx([0, 0.01859], abs=1e-5)


def test_imbalance_is_a_line_at_one_per_turn():
    # At full load 24 turns a second: (24 / 25)² · 0.3 = 0.2765 g, -11.2 dB
    found = spectrum(1.0, imbalance=0.3)[VIBRATION]
    assert found[24] == pytest.approx(-11.2, abs=0.1)
    assert spectrum(1.0)[VIBRATION, 24] < -80


def test_an_eccentric_air_gap_is_seen_one_rotation_beside_the_fundamental():
    # 50 - 24 and 50 + 24 Hz; the fundamental is sqrt(0.4² + 0.84) = 1: -40 dB and 3.1 dB less.
    found = spectrum(1.0, eccentricity=0.01)[CURRENT]
    assert [found[26], found[74]] == pytest.approx([-40, -43.1], abs=0.1)


def test_the_passing_rates_of_a_known_bearing():
    # 6205: published as 3.5848 and 5.4152 of the rotation (Case Western Reserve University).
    bearing = Bearing(balls=9, ratio=0.3126 / 1.537)
    assert (bearing.outer, bearing.inner) == pytest.approx((3.5848, 5.4152), abs=1e-4)


@pytest.mark.parametrize(("inner", "rate"), [(False, 86), (True, 130)])
def test_a_damaged_race_rings_the_housing_at_its_passing_rate(inner, rate):
    # 24 · 3.585 = 86.0 and 24 · 5.415 = 130.0 Hz, in the envelope of the ringing at 620 Hz.
    acceleration = signal(1.0, impact=2.0, inner=inner)[0, VIBRATION]
    envelope = np.abs(hilbert(acceleration - acceleration.mean()))
    lines = np.abs(np.fft.rfft(envelope * np.hanning(SAMPLES)))
    assert abs(60 + lines[60:160].argmax() - rate) <= 1
    middle = spectrum(1.0, impact=2.0, inner=inner)[VIBRATION]
    assert 560 < 300 + middle[300:].argmax() < 680


def test_impacts_come_at_their_rate():
    ones = np.ones((1, SAMPLES), np.float32)
    train = impacts(one(64), ones, 0.0, np.random.default_rng(1))[0]
    # Every 2048 / 64 = 32 samples; each is shared out to two neighbours, 1 in all.
    assert train.sum() == pytest.approx(64, abs=1)
    folded = train.reshape(64, 32)
    assert np.allclose(folded[0], folded[30], atol=1e-3)


def test_the_housing_rings_as_a_damped_oscillator():
    force = np.zeros((1, SAMPLES), np.float32)
    force[0, 10] = 1
    # Three samples later ω·t = 2π · 620 · 3 / 2048 = 5.7064: exp(-0.05 · 5.7064) = 0.7518, and
    # sin(5.7064 · sqrt(1 - 0.05²)) = sin(5.6993) = -0.5512.
    assert ringing(FAN, force)[0, 13] == pytest.approx(-0.4144, abs=1e-3)


def test_tones_and_noise():
    # A quarter turn at 1 Hz is 512 samples.
    wave = tone(one(2), one(1), one(0))[0]
    assert [wave[0], wave[512], wave[1024]] == pytest.approx([2, 0, -2], abs=1e-5)
    drawn = noise(2, np.array([1.0, 3.0]), np.random.default_rng(0))
    # 2,048 draws: the deviation is known to 1 / sqrt(2 · 2048) = 1.6 %, within 5 of these.
    assert drawn.std(axis=1) == pytest.approx([1, 3], rel=0.08)


def test_signals_are_drawn_by_the_generator_alone():
    states = np.arange(8) % len(STATES)
    first, again, other = (simulate(FAN, states, np.random.default_rng(seed)) for seed in (1, 1, 2))
    assert first.shape == (8, 2, RATE)
    assert first.dtype == np.float32
    assert np.array_equal(first, again)
    assert not np.allclose(first, other)
    assert simulate(FAN, states[:0], np.random.default_rng(0)).shape == (0, 2, RATE)


def test_faults_are_those_of_the_state():
    states = np.repeat(np.arange(4), 500)
    found = Condition.draw(FAN, states, np.random.default_rng(0))
    healthy, bearing, broken, unbalanced = (states == state for state in range(4))
    assert (found.impact > 0).tolist() == bearing.tolist()
    # At least 0.8 of a bar where one is broken; 0.12 · exp(0.4 · 4) = 0.6 is 4 deviations out.
    assert found.bars[broken].min() > 0.8 > found.bars[~broken].max()
    # The median of healthy machines is the record's; unbalanced ones have five times as much.
    assert np.median(found.imbalance[healthy]) == pytest.approx(FAN.imbalance, rel=0.1)
    assert np.median(found.imbalance[unbalanced]) == pytest.approx(5 * FAN.imbalance, rel=0.1)
