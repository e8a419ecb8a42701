import numpy as np
import pytest
import torch

from secateur.data import load
from secateur.data.microstructures import simulate
from secateur.judging.microstructures.damages import blur, noise, shuffle
from secateur.judging.microstructures.measures import MicrostructureMeasures, measures_of
from secateur.spec import MicrostructuresData

DISTANCES = ("volume_fraction_distance", "two_point_distance", "lineal_path_distance")


@pytest.fixture(scope="module")
def measures(real, rule):
    return MicrostructureMeasures(real, rule, searched=100)


@pytest.fixture(scope="module")
def figures(measures, held):
    """Of real images, of damaged ones, and of one image fifty times."""
    random = np.random.default_rng(0)
    return {
        "real": measures(held),
        "noise": measures(noise(held, random)),
        "blur": measures(blur(held, random)),
        "shuffle": measures(shuffle(held, random)),
        "repeated": measures(np.repeat(held[:4], 50, axis=0)),
    }


def test_figures_of_the_same_images(measures, real):
    same = measures(real)
    assert [same[name] for name in DISTANCES] == [0, 0, 0]
    assert same["volume_fraction"] == pytest.approx(0.275, abs=0.01)  # of 0.2 to 0.35


def test_distances_by_hand(rule):
    # Real: a quarter is bright; generated: a half. Two points, and segments, of a stripe.
    stripe, wide = (np.zeros((1, 1, 32, 32), np.uint8) for _ in range(2))
    stripe[..., :8], wide[..., :16] = 200, 200
    measures = MicrostructureMeasures(stripe, rule)
    figures = measures(wide)
    assert figures["volume_fraction"] == 0.5
    assert figures["volume_fraction_distance"] == pytest.approx(0.25)
    # Segments of a length: in each of 32 rows as many as the stripe is wide less the length,
    # in each of its columns 32 less the length, as in each row and column altogether.
    lengths = np.arange(17)
    rows = 32 - lengths
    of_stripe = (32 * np.maximum(8 - lengths, 0) + 8 * rows) / (64 * rows)
    of_wide = (32 * (16 - lengths) + 16 * rows) / (64 * rows)
    expected = np.sqrt(((of_wide - of_stripe) ** 2).mean()) / 0.25
    assert figures["lineal_path_distance"] == pytest.approx(expected)


def test_signed_tensors_are_images_too(measures, held):
    signed = torch.from_numpy(held.astype(np.float32) / 127.5 - 1)
    assert measures(signed) == pytest.approx(measures(held))


@pytest.mark.parametrize("damaged", ["noise", "blur", "shuffle"])
def test_unexplained_area_and_validity_order_damaged_images(figures, damaged):
    assert figures["real"]["unexplained"] < 0.05
    assert figures[damaged]["unexplained"] > 2 * figures["real"]["unexplained"]
    assert figures["real"]["valid"] > 0.9
    assert figures[damaged]["valid"] < 0.05


def test_only_the_spread_of_fractions_sees_that_images_repeat(figures):
    real, repeated = figures["real"], figures["repeated"]
    assert repeated["volume_fraction_distance"] > 1.5 * real["volume_fraction_distance"]
    assert repeated["valid"] >= 0.75  # the same four real images: no test of single images sees it


def test_correlations_see_structure_and_the_volume_fraction_does_not(figures):
    real, shuffled = figures["real"], figures["shuffle"]
    assert shuffled["volume_fraction_distance"] == real["volume_fraction_distance"]
    for name in ("two_point_distance", "lineal_path_distance"):
        assert shuffled[name] > 5 * real[name]


def test_measures_of_a_data_set():
    data = load(MicrostructuresData(images=400), seed=0)
    figures = measures_of(data.development)(data.test.pixels)
    assert figures["valid"] >= 0.9
    assert figures["two_point_distance"] < 0.1


def test_volume_fractions_that_differ_are_seen(measures, figures):
    denser = simulate(MicrostructuresData(volume_fraction=0.35), 100, seed=0).pixels
    found = measures(denser)
    for name in DISTANCES:
        assert found[name] > 2 * figures["real"][name]
