import numpy as np
import pytest

from secateur.data import load
from secateur.data.microstructures import SIDE, rings, simulate, simulate_overlapping
from secateur.data.packing import Inclusions, overlaps, pack
from secateur.errors import DataError, SpecError
from secateur.spec import MicrostructuresData, parse

CLEAN = {"blur": 0.0, "rings": 0.0, "noise": 0.0}


def inclusions(long, short, squares=4):
    """As many squares of inclusions of these half axes, at angles of 0, 1, 2, ... radians."""
    axes = [np.tile(np.array(axis, np.float32), (squares, 1)) for axis in (long, short)]
    nowhere = np.zeros_like(axes[0])
    angle = np.tile(np.arange(len(long), dtype=np.float32), (squares, 1))
    return Inclusions(nowhere, nowhere.copy(), *axes, angle, np.ones(nowhere.shape, np.bool_))


def outline(packed, square, which, points=90):
    """Points (points, 2) on an ellipse, x and y."""
    turn = np.linspace(0, 2 * np.pi, points)
    along = packed.long[square, which] * np.cos(turn)
    across = packed.short[square, which] * np.sin(turn)
    angle = packed.angle[square, which]
    x = packed.x[square, which] + along * np.cos(angle) - across * np.sin(angle)
    y = packed.y[square, which] + along * np.sin(angle) + across * np.cos(angle)
    return np.stack([x, y], axis=1)


def nearest(packed, square, side):
    """The least distance between the outlines of any two inclusions of a square."""
    count = packed.x.shape[1]
    lines = [outline(packed, square, which) for which in range(count)]
    least = np.inf
    for first in range(count):
        for second in range(first):
            apart = lines[first][:, None] - lines[second][None]
            apart -= side * np.rint(apart / side)
            least = min(least, np.hypot(*np.moveaxis(apart, -1, 0)).min())
    return least


def test_discs_keep_their_distance_around_the_borders():
    # Ten discs of radius 6: 28 % of a square of 64.
    packed = pack(inclusions([6.0] * 10, [6.0] * 10), 64, 1.0, np.random.default_rng(0))
    assert packed.x.min() >= 0
    assert packed.x.max() < 64
    for square in range(4):
        x, y = packed.x[square], packed.y[square]
        apart = np.stack([x[:, None] - x, y[:, None] - y])
        apart -= 64 * np.rint(apart / 64)
        distance = np.hypot(*apart) + 64 * np.eye(10)
        assert distance.min() >= 6 + 6 + 1 - 1e-4


def test_ellipses_do_not_overlap():
    # Eight of half axes 10 and 5: 31 % of a square of 64. The circles within an ellipse of
    # aspect 2 leave out 3 % of its shorter half axis, 0.15, on either side of a gap of 1.
    packed = pack(inclusions([10.0] * 8, [5.0] * 8), 64, 1.0, np.random.default_rng(0))
    assert min(nearest(packed, square, 64) for square in range(4)) > 0.7


def test_more_than_fits_is_refused():
    # Random places fill 55 % of a square at best; these would fill 88 %.
    crowd = inclusions([10.0] * 28, [10.0] * 28, squares=1)
    with pytest.raises(DataError, match=r"28 inclusions .* smaller data\.volume_fraction"):
        pack(crowd, 100, 0.0, np.random.default_rng(0))


def test_types_shapes_and_one_class():
    data = load(MicrostructuresData(images=100), seed=0)
    # A fifth of 100 for testing, a fifth of the 80 left for validation
    assert [len(split) for split in (data.train, data.validation, data.test)] == [64, 16, 20]
    assert data.input_shape == (1, SIDE, SIDE)
    assert data.train.pixels.dtype == np.uint8
    assert data.labels == ("microstructure",)


def test_listed_volume_fractions_are_classes():
    data = load(MicrostructuresData(images=60, volume_fraction=[0.1, 0.3]), seed=0)
    assert data.labels == ("0.1", "0.3")
    bright = (data.train.pixels > 128).mean(axis=(1, 2, 3))
    means = [bright[data.train.labels == label].mean() for label in (0, 1)]
    assert means == pytest.approx([0.1, 0.3], abs=0.02)


@pytest.mark.parametrize("shape", ["discs", "fibres"])
def test_the_volume_fraction_is_met_to_half_an_inclusion(shape):
    spec = MicrostructuresData(shape=shape, volume_fraction=0.3, radius=6.0, **CLEAN)
    grey = simulate(spec, 20, seed=0).pixels[:, 0] / 255.0
    # Without blur and noise a pixel is as bright as it is covered; levels are per image.
    dark, bright = grey.min(axis=(1, 2)), grey.max(axis=(1, 2))
    covered = (grey.mean(axis=(1, 2)) - dark) / (bright - dark)
    # A disc has 113 of 4,096 pixels, 2.8 %; a fibre is 1.3 to 2.2 times as large.
    half = 0.5 * np.pi * 36 * (1 if shape == "discs" else 2.2) / 4096
    assert np.abs(covered - 0.3).max() < half + 0.004  # 8 bits, over a span of 77 levels or more


def test_radii_are_as_asked():
    spec = MicrostructuresData(volume_fraction=0.05, radius=8.0, **CLEAN)
    grey = simulate(spec, 5, seed=0).pixels[:, 0]
    # 5 % is one disc of radius 8 (4.9 %); it may cross a border, its widest row is 16 across.
    widest = (grey > 128).sum(axis=2).max(axis=1)
    assert set(widest) <= {15, 16, 17}


def test_whole_numbers_make_whole_radii():
    spec = MicrostructuresData(volume_fraction=0.05, radius={"low": 8, "high": 9}, **CLEAN)
    grey = simulate(spec, 40, seed=0).pixels[:, 0]
    filled = (grey > 128).sum(axis=(1, 2))
    # pi 8² = 201 or pi 9² = 254 pixels, by where the outline is drawn, and nothing between
    distance = np.minimum(np.abs(filled - 201), np.abs(filled - 254))
    assert distance.max() <= 12
    assert filled.min() < 214
    assert filled.max() > 241


def test_simulation_repeats_by_seed():
    spec = MicrostructuresData()
    first, again, other = (simulate(spec, 8, seed).pixels for seed in (3, 3, 4))
    assert np.array_equal(first, again)
    assert not np.array_equal(first, other)


def test_blur_rings_and_noise_change_images_and_not_their_packing():
    plain = simulate(MicrostructuresData(**CLEAN), 4, seed=0).pixels.astype(float)
    for field, value in {"blur": 2.0, "rings": 0.1, "noise": 0.1}.items():
        changed = simulate(MicrostructuresData(**CLEAN | {field: value}), 4, seed=0).pixels
        difference = changed - plain
        assert difference.std() > 5
        assert np.abs(difference.mean()) < 6


def test_rings_lie_around_one_centre():
    (drawn,) = rings(1, np.random.default_rng(0))
    (x,), (y,) = np.random.default_rng(0).uniform(0, SIDE, (2, 1))
    down, across = np.indices((SIDE, SIDE))
    radius = np.rint(np.hypot(across - x, down - y).astype(np.float32)).astype(int)
    for one in range(radius.max()):
        assert len(np.unique(drawn[radius == one])) <= 1
    # Seven tenths of the radii have no ring; all together have a deviation of about 1.
    assert 0.2 < (drawn != 0).mean() < 0.45
    many = rings(200, np.random.default_rng(1))
    assert many.std() == pytest.approx(1, abs=0.1)


def test_depth_of_overlaps_around_the_borders():
    # Discs of radii 6 and 4: 8 apart, and across a border 4 + 2 apart; the third is no disc.
    discs = inclusions([6.0, 4.0, 4.0], [6.0, 4.0, 4.0], squares=2)
    discs.present[:, 2] = False
    discs.x[:] = [[20, 28, 20], [2, 60, 20]]
    discs.y[:] = 30
    depth = overlaps(discs, 64, margin=0)
    # 10 - 8 and 10 - 6, by the smaller radius
    assert depth[:, 0, 1] == pytest.approx([0.5, 1.0])
    assert depth[:, 1, 0] == pytest.approx([0.5, 1.0])
    assert np.isneginf(depth[:, [0, 1, 2, 0, 1], [0, 1, 2, 2, 2]]).all()
    assert np.isneginf(overlaps(discs, 64, margin=3)[1]).all()


def test_overlapping_inclusions_cover_less():
    # Ten discs of 2.8 % each are 28 % apart from each other, and 1 - (1 - 0.0276)^10 = 24.4 %
    # where they take no heed of each other.
    spec = MicrostructuresData(volume_fraction=0.276, radius=6.0, **CLEAN)
    apart, heedless = (
        (simulation(spec, 200, seed=0).pixels > 128).mean()
        for simulation in (simulate, simulate_overlapping)
    )
    assert apart == pytest.approx(0.276, abs=0.004)
    assert heedless == pytest.approx(0.244, abs=0.006)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"shape": "cubes"}, ["data.shape: 'cubes'", "'discs' or 'fibres'"]),
        ({"volume_fraction": 0.9}, ["data.volume_fraction", "values in [0.05, 0.4], not 0.9"]),
        ({"volume_fraction": [0.2, 0.2]}, ["volume fractions that differ, unlike 0.2, 0.2"]),
        ({"radius": {"low": 9, "high": 5}}, ["data.radius", "low not above high"]),
        ({"radius": 40}, ["data.radius", "values in [2, 12], not 40"]),
        ({"blur": -1}, ["data.blur: -1"]),
        ({"noise": 2}, ["data.noise: 2"]),
        ({"images": 3}, ["data.images: 3", "20"]),
    ],
)
def test_refusals(changes, words):
    with pytest.raises(SpecError) as refused:
        parse({"name": "job", "data": {"kind": "microstructures"} | changes})
    assert [word for word in words if word not in str(refused.value)] == []
