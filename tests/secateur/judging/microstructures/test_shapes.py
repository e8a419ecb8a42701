import numpy as np
import pytest

from secateur.judging.microstructures.circles import circles
from secateur.judging.microstructures.shapes import shapes

APART = [(16, 20, 7), (40, 15, 6), (30, 42, 8), (50, 46, 5)]


def test_circles_are_found_where_they_were_drawn(draw):
    (found,) = circles(draw(APART)[None])
    order = np.argsort(found[:, 0])
    assert found[order] == pytest.approx(np.array(sorted(APART), float), abs=0.7)


def test_no_circles_in_squares_or_in_nothing(draw):
    flat = np.full((64, 64), 99, np.uint8)
    square = flat.copy()
    square[20:40, 20:40] = 200
    assert [len(rows) for rows in circles(np.stack([flat, square]))] == [0, 0]


def test_figures_of_whole_discs(draw):
    figures = shapes(draw(APART)[None])
    area = np.pi * sum(radius**2 for _, _, radius in APART)
    assert figures["fraction"] == pytest.approx([area / 64**2], abs=0.005)
    assert figures["discs"] == [4]
    assert figures["unexplained"] == pytest.approx([0], abs=0.002)
    assert figures["hollow"] == pytest.approx([0], abs=0.002)
    assert figures["overlap"] == [0]


def test_a_square_is_unexplained(draw):
    image = draw([(16, 20, 7)])
    image[30:50, 30:50] = 190
    # The square's 400 pixels beside a disc of 154.
    assert shapes(image[None])["unexplained"] == pytest.approx([400 / 554], abs=0.02)


def test_a_bite_is_hollow(draw):
    image = draw([(32, 32, 10), (12, 12, 5)])
    image[28:33, 32:42] = 60  # 5 rows of 10 pixels, 9 of them within the disc less a pixel
    figures = shapes(image[None])
    assert figures["discs"] == [2]
    bright = np.pi * (100 + 25) - 50 - 35  # of the small one, a part is too near to the border
    assert figures["hollow"] == pytest.approx([45 / bright], abs=0.05)


def test_depth_of_an_overlap(draw):
    # 12 apart, radii 8 and 8: 4 pixels deep, half a radius.
    figures = shapes(draw([(24, 32, 8), (36, 32, 8)])[None])
    assert figures["discs"] == [2]
    assert figures["overlap"] == pytest.approx([0.5], abs=0.15)


def test_roundness_is_that_of_the_least_round(draw):
    # Discs fill their circle but for what pixels leave out. Two radii of 8 that are 10 apart:
    # less two pixels 6 and 6, of an area of 2·113 - 9 in a circle of radius 11.
    disc = draw([(16, 20, 7), (44, 40, 8)])
    pair = draw([(16, 20, 7), (44, 40, 8), (34, 40, 8)])
    hardly = draw([(16, 20, 7), (44, 40, 8), (27.5, 40, 8)])
    roundness = shapes(np.stack([disc, pair, hardly]))["roundness"]
    assert roundness[[0, 2]] == pytest.approx([0.95, 0.95], abs=0.12)
    assert roundness[1] == pytest.approx(217 / (np.pi * 121), abs=0.06)


def test_a_dent_is_that_of_the_deepest(draw):
    # Half the waist of two radii of 8 that are 12 apart is the root of 64 - 36, 5.3, where their
    # hull's is 8; both lose two pixels. A disc that the border cuts has no dent.
    disc = draw([(2, 20, 7), (44, 40, 8)])
    pair = draw([(2, 20, 7), (44, 40, 8), (32, 40, 8)])
    dents = shapes(np.stack([disc, pair]))["dent"]
    assert dents[0] <= 1
    assert dents[1] == pytest.approx(2.7, abs=0.8)


def test_the_largest_hole(draw):
    # Above a disc that fills the lower half: the circle of the upper 32 rows, off its middle.
    image = np.full((64, 64), 60, np.uint8)
    image[32:] = 190
    assert shapes(image[None])["hole"] == pytest.approx([16.5], abs=0.6)


def test_grain_is_even_noise_and_a_patch_has_none():
    noise = np.random.default_rng(0).normal(100, 8, (64, 64))
    image = np.rint(noise).astype(np.uint8)
    weaker = np.rint(100 + (noise - 100) / 2).astype(np.uint8)
    # The mean of 132 steps, whose deviation is 0.75 of their mean and which share pixels:
    # the least of all windows is three or four deviations of 0.08 below the median.
    grains = shapes(np.stack([image, weaker]))["grain"]
    assert grains == pytest.approx([0.72, 0.72], abs=0.1)
    image[20:40, 20:40] = 100
    assert shapes(image[None])["grain"] == [0]


def test_edges_widen_with_blur(draw):
    narrow, wide = (shapes(draw(APART, soft=soft)[None])["edge"][0] for soft in (2, 6))
    # The middle 40 % of an edge that is 2 or 6 pixels wide; an outline along a diagonal has 4
    # sides of pixels for 2·sqrt(2) of length.
    assert wide == pytest.approx(3 * narrow, rel=0.25)


def test_an_image_of_one_level_has_nothing_and_explains_nothing():
    figures = shapes(np.full((1, 64, 64), 128, np.uint8))
    assert {name: float(values[0]) for name, values in figures.items()} == {
        "fraction": 0,
        "discs": 0,
        "unexplained": 1,
        "hollow": 0,
        "overlap": 0,
        "roundness": 1,
        "dent": 0,
        "hole": 32,
        "edge": 0,
        "grain": 0,
    }


def test_figures_go_by_image(draw):
    images = np.stack([draw(APART), draw(APART[:2]), np.zeros((64, 64), np.uint8)])
    together = shapes(images)
    for number, image in enumerate(images):
        alone = shapes(image[None])
        assert {name: values[0] for name, values in alone.items()} == {
            name: values[number] for name, values in together.items()
        }
