import numpy as np
import pytest

from secateur.judging.microstructures.correlation import two_point_correlation
from secateur.judging.microstructures.lineal_path import lineal_path
from secateur.judging.microstructures.phases import bright, levels, thresholds, volume_fraction


def phase_of(*rows):
    """One image, (1, height, width), of rows of '.' and '#'."""
    return np.array([[[pixel == "#" for pixel in row] for row in rows]])


def by_hand(phase, furthest):
    """S2 by its definition: a count of all ordered pairs of pixels of each rounded distance."""
    y, x = np.indices(phase.shape)
    places = np.stack([y.ravel(), x.ravel()], axis=1)
    inside = phase.ravel()
    distance = np.rint(np.hypot(*(places[:, None] - places[None]).transpose(2, 0, 1)))
    both = inside[:, None] & inside[None]
    return [both[distance == far].mean() for far in range(furthest + 1)]


def test_two_point_correlation_of_stripes():
    # Rows 0 and 1 bright, 2 and 3 dark. At distance 1 there are 12 + 12 unordered pairs, along
    # and across the stripes; bright are 3 in each bright row and 4 from row 0 to row 1, and of
    # the 9 + 9 diagonal ones (1.41 rounds to 1) 3 + 3: (6 + 4 + 6) of 42.
    stripes = phase_of("####", "####", "....", "....")
    assert two_point_correlation(stripes, 1)[0] == pytest.approx([1 / 2, 16 / 42])


def test_two_point_correlation_of_a_checkerboard():
    # Of 3x3: 5 of 9 are bright. Neighbours differ in all 12 pairs; of the 8 diagonal pairs the
    # 4 of the corners with the middle are bright: 4 of 20.
    board = phase_of("#.#", ".#.", "#.#")
    assert two_point_correlation(board, 1)[0] == pytest.approx([5 / 9, 4 / 20])


def test_two_point_correlation_is_the_count_of_pairs():
    phases = np.random.default_rng(0).random((3, 9, 12)) < 0.4
    found = two_point_correlation(phases, 8)
    for phase, function in zip(phases, found, strict=True):
        assert function == pytest.approx(by_hand(phase, 8), abs=1e-12)


def test_two_point_correlation_without_order_is_the_square_of_the_fraction():
    # Independent pixels: S2(0) is phi, and S2 is phi² from 1 on.
    phase = np.random.default_rng(0).random((50, 64, 64)) < 0.3
    mean = two_point_correlation(phase).mean(axis=0)
    assert mean[0] == pytest.approx(0.3, abs=0.005)
    assert mean[1:] == pytest.approx(np.full(32, 0.09), abs=0.002)


def test_correlations_of_one_phase_alone():
    full = np.ones((2, 8, 8), np.bool_)
    assert np.array_equal(two_point_correlation(full), np.ones((2, 5)))
    assert np.array_equal(lineal_path(full), np.ones((2, 5)))
    assert not two_point_correlation(~full).any()
    assert not lineal_path(~full).any()


def test_lineal_path_by_hand():
    # 7 of 12 pixels are bright. Pairs of neighbours: 3 + 1 + 0 of 9 in rows, 2 + 1 + 0 + 0 of 8
    # in columns. Three in a row: 2 + 0 + 0 of 6, and of 4 columns the first.
    phase = phase_of("####", "##..", "#...")
    assert lineal_path(phase, 2)[0] == pytest.approx([7 / 12, (4 + 3) / 17, (2 + 1) / 10])


def test_lineal_path_of_stripes_along_and_across():
    # Along a stripe every segment is whole, across a stripe two wide one of three steps.
    stripes = phase_of(*["##....##"] * 8)
    function = lineal_path(stripes, 3)[0]
    # Columns: half of all at any length. Rows: 16 of 8 x 7 pairs, none of three and more.
    assert function[0] == 0.5
    assert function[1] == pytest.approx((8 * 2 + 7 * 4) / (8 * 7 + 7 * 8))
    assert function[2] == pytest.approx((0 + 6 * 4) / (8 * 6 + 6 * 8))


def test_otsu_parts_two_levels_in_the_middle():
    grey = np.array([[[10, 10], [10, 200]]], np.uint8)
    # Any threshold from 10 to 199 parts them; the middle one is 104.
    assert thresholds(grey).tolist() == [104]
    assert bright(grey).tolist() == [[[False, False], [False, True]]]
    assert volume_fraction(bright(grey)).tolist() == [0.25]


def test_otsu_by_hand():
    # Levels 0, 0, 4, 5: apart 0 | 4 5, w = 1/2 1/2, (4.5)² / 4 = 5.06; 0 4 | 5 has w = 3/4 1/4
    # and (5 - 4/3)² 3/16 = 2.52. So the threshold is one of 0 to 3: 1.
    assert thresholds(np.array([[[0, 0], [4, 5]]], np.uint8)).tolist() == [1]


def test_an_image_of_one_level_is_all_matrix():
    for level in (0, 77, 255):
        assert not bright(np.full((1, 4, 4), level, np.uint8)).any()


def test_thresholds_go_by_image():
    generator = np.random.default_rng(0)
    grey = generator.integers(0, 256, (5, 16, 16), dtype=np.uint8)
    assert [thresholds(one[None])[0] for one in grey] == thresholds(grey).tolist()


def test_levels_of_signed_images_and_of_colours():
    signed = np.array([-1.0, 0.0, 1.0, 3.0], np.float32).reshape(1, 1, 2, 2)
    assert levels(signed).ravel().tolist() == [0, 128, 255, 255]
    colour = np.array([10, 20, 60], np.uint8).reshape(1, 3, 1, 1)
    assert levels(colour).ravel().tolist() == [30]
