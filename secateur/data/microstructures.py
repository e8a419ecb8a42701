"""Simulated tomographs: grey images of bright inclusions in a dark matrix, 64x64.

They stand in for images of composites and porous rock that cannot be shared. Discs, or the
ellipses of fibres cut at a slant, are packed at random to a volume fraction; the image of
them is blurred, and gets the ring artefacts and the noise of a scanner.
"""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from secateur.data.images import Images
from secateur.data.packing import Floats, Inclusions, overlaps, pack, scatter
from secateur.data.registry import Source, register
from secateur.data.splits import hold_out_test
from secateur.spaces import Dimension, Range, ends
from secateur.spec import MicrostructuresData

SIDE = 64
"""Pixels along each side of an image."""

_CHUNK = 1000  # images that are made at once, in some 200 MB
_WHITE = 255
_MATRIX = (0.25, 0.35)  # grey of the matrix, and of inclusions, 1 being white
_BRIGHT = (0.65, 0.75)
_ASPECT = (1.3, 2.2)  # longer by shorter half axis of a fibre that is cut at a slant
# Inclusions stay apart by two pixels, small ones by two fifths of their radius: blur fills less.
_GAP, _GAP_SHARE = 2.0, 0.4
# How deep in radii, and how many pixels off the border, an overlap is that is seen, and how
# often images without are drawn again: some have but one inclusion.
_SEEN, _MARGIN, _DRAWINGS = (0.4, 1.0), 8, 50
_RING_SHARE = 0.3  # of all radii that have a ring


class _Placing(Protocol):
    """Gives inclusions their places."""

    def __call__(self, inclusions: Inclusions, *, generator: np.random.Generator) -> Inclusions: ...


@register("microstructures")
def microstructures(spec: MicrostructuresData, seed: int) -> Source:
    """Images of ``simulate`` by seed 0, whatever the job's seed, which parts them.

    Raises:
        DataError: inclusions that cannot be packed, or a split without an image.
    """
    images = simulate(spec, spec.images, seed=0)
    pool, test = hold_out_test(images, spec.classes, spec.test, seed, field="data.test")
    return Source("microstructures", spec.classes, pool, test)


def simulate(spec: MicrostructuresData, count: int, seed: int) -> Images:
    """Draw ``count`` images, uint8 (count, 1, 64, 64), the same for the same arguments.

    The first of 1,000 or more images are the same however many there are. Classes take
    turns. An image has the number of inclusions whose area is nearest to its volume fraction.

    Raises:
        DataError: inclusions that cannot be packed.
    """
    return _simulated(spec, count, seed, partial(pack, side=SIDE, gap=_gap(spec)))


def simulate_overlapping(spec: MicrostructuresData, count: int, seed: int) -> Images:
    """Images as ``simulate`` draws them, but for inclusions that take no heed of each other.

    What no packing looks like, to test measures with. Images in which no two inclusions are in
    each other by 0.4 to 1 radii, which anybody would see, are drawn again.
    """
    return _simulated(spec, count, seed, _heedless)


def rings(count: int, generator: np.random.Generator) -> Floats:
    """Ring artefacts (n, 64, 64) about a centre of rotation in the image, of deviation about 1.

    A faulty element of a detector leaves a ring of its distance from the axis.
    """
    centre = generator.uniform(0, SIDE, (2, count, 1)).astype(np.float32)
    pixels = np.arange(SIDE, dtype=np.float32)
    x, y = (pixels - one for one in centre)
    radius = np.rint(np.hypot(x[:, None, :], y[:, :, None])).astype(np.int64)
    radii = int(np.ceil(np.hypot(SIDE, SIDE))) + 1
    strength = generator.standard_normal((count, radii), dtype=np.float32)
    strength *= generator.random((count, radii)) < _RING_SHARE
    strength /= np.sqrt(_RING_SHARE)
    drawn: Floats = strength[np.arange(count)[:, None, None], radius]
    return drawn


def _heedless(inclusions: Inclusions, *, generator: np.random.Generator) -> Inclusions:
    placed = scatter(inclusions, SIDE, generator)
    for _ in range(_DRAWINGS):
        depth = overlaps(placed, SIDE, _MARGIN)
        seen = (depth > _SEEN[0]) & (depth < _SEEN[1])
        apart = np.logical_not(np.any(seen, axis=(1, 2), keepdims=True))[:, 0]
        if not apart.any():
            break
        again = scatter(inclusions, SIDE, generator)
        x, y = (
            np.where(apart, new, old) for new, old in ((again.x, placed.x), (again.y, placed.y))
        )
        placed = replace(placed, x=x, y=y)
    return placed


def _simulated(spec: MicrostructuresData, count: int, seed: int, place: _Placing) -> Images:
    labels = np.arange(count, dtype=np.int64) % len(spec.classes)
    parts = []
    for start in range(0, count, _CHUNK):
        generator = np.random.default_rng([seed, start])
        loose = _inclusions(spec, labels[start : start + _CHUNK], generator)
        parts.append(_rendered(place(loose, generator=generator), spec, generator))
    return Images(np.concatenate(parts), labels)


def _inclusions(
    spec: MicrostructuresData, labels: NDArray[np.int64], generator: np.random.Generator
) -> Inclusions:
    """The inclusions of images of given classes, the largest first, all in the corner yet."""
    count = len(labels)
    if isinstance(spec.volume_fraction, tuple):
        fraction = np.asarray(spec.volume_fraction, np.float32)[labels]
    else:
        fraction = _drawn(spec.volume_fraction, (count,), generator)
    most = int(max(map(float, ends(spec.volume_fraction))) * SIDE**2 / _least_area(spec)) + 2
    short = _drawn(spec.radius, (count, most), generator)
    aspect = generator.uniform(*_ASPECT, short.shape) if spec.shape == "fibres" else 1.0
    long = (short * aspect).astype(np.float32)
    sums = np.cumsum(np.pi * long * short, axis=1)
    # Of the sums of the first areas, the nearest to the one that is asked for.
    wanted = np.abs(sums - fraction[:, None] * SIDE**2).argmin(axis=1)
    present = np.arange(most) <= wanted[:, None]
    order = np.argsort(np.where(present, -long, 0), axis=1, kind="stable")[:, : wanted.max() + 1]
    long, short = (np.take_along_axis(axis, order, axis=1) for axis in (long, short))
    present = present[:, : wanted.max() + 1]
    angle = generator.uniform(0, np.pi, short.shape).astype(np.float32)
    nowhere = np.zeros_like(short)
    return Inclusions(nowhere, nowhere, long, short, angle, present)


def _gap(spec: MicrostructuresData) -> float:
    """How many pixels inclusions keep from each other at least."""
    return min(_GAP, _GAP_SHARE * min(map(float, ends(spec.radius))))


def _rendered(
    inclusions: Inclusions, spec: MicrostructuresData, generator: np.random.Generator
) -> NDArray[np.uint8]:
    """The images (n, 1, 64, 64) that a scanner makes of inclusions."""
    from scipy.ndimage import gaussian_filter

    count = len(inclusions.x)
    filled = _filled(inclusions)
    if spec.blur:
        filled = gaussian_filter(filled, spec.blur, mode="wrap", axes=(1, 2))
    dark, bright = (
        generator.uniform(*levels, (count, 1, 1)).astype(np.float32)
        for levels in (_MATRIX, _BRIGHT)
    )
    grey = dark + (bright - dark) * filled
    grey += spec.rings * rings(count, generator)
    grey += spec.noise * generator.standard_normal(grey.shape, dtype=np.float32)
    pixels: NDArray[np.uint8] = np.rint(np.clip(grey, 0, 1) * _WHITE).astype(np.uint8)
    return pixels[:, None]


def _least_area(spec: MicrostructuresData) -> float:
    radius = min(map(float, ends(spec.radius)))
    return float(np.pi * radius**2 * (_ASPECT[0] if spec.shape == "fibres" else 1))


def _drawn(dimension: Dimension, shape: tuple[int, ...], generator: np.random.Generator) -> Floats:
    """Values of a dimension, as a search would draw them."""
    if not isinstance(dimension, Range):
        return generator.choice(np.asarray(ends(dimension), np.float32), shape)
    if dimension.is_integer:
        whole = generator.integers(int(dimension.low), int(dimension.high), shape, endpoint=True)
        return whole.astype(np.float32)
    low, high = float(dimension.low), float(dimension.high)
    if dimension.log:
        return np.exp(generator.uniform(np.log(low), np.log(high), shape)).astype(np.float32)
    return generator.uniform(low, high, shape).astype(np.float32)


def _filled(inclusions: Inclusions) -> Floats:
    """The share (n, 64, 64) of each pixel that inclusions cover, by the distance of its centre."""
    square, which = np.nonzero(inclusions.present)
    fields = ("x", "y", "long", "short", "angle")
    x, y, long, short, angle = (getattr(inclusions, name)[square, which] for name in fields)
    half = int(np.ceil(long.max(initial=0))) + 1
    steps = np.arange(-half, half + 1)
    columns = np.floor(x).astype(np.int64)[:, None] + steps
    rows = np.floor(y).astype(np.int64)[:, None] + steps
    covered = _covered(
        (columns + 0.5 - x[:, None]).astype(np.float32)[:, None, :],
        (rows + 0.5 - y[:, None]).astype(np.float32)[:, :, None],
        *(axis[:, None, None] for axis in (long, short, angle)),
    )
    pixels = (square[:, None, None] * SIDE + rows[:, :, None] % SIDE) * SIDE
    pixels = pixels + columns[:, None, :] % SIDE
    squares = len(inclusions.x)
    sums = np.bincount(pixels.ravel(), covered.ravel(), minlength=squares * SIDE**2)
    return np.minimum(sums, 1).astype(np.float32).reshape(squares, SIDE, SIDE)


def _covered(x: Floats, y: Floats, long: Floats, short: Floats, angle: Floats) -> Floats:
    """How far within an ellipse a point at (x, y) from its centre is, from 0 to 1 in a pixel."""
    along = x * np.cos(angle) + y * np.sin(angle)
    across = y * np.cos(angle) - x * np.sin(angle)
    level = np.sqrt((along / long) ** 2 + (across / short) ** 2)
    slope = np.sqrt((along / long**2) ** 2 + (across / short**2) ** 2)
    # The distance from the outline to first order; exact for a disc. The centre has no slope.
    distance = (level - 1) * level / np.maximum(slope, np.finfo(np.float32).tiny)
    inside: Floats = np.where(level > 0, np.clip(0.5 - distance, 0, 1), 1).astype(np.float32)
    return inside
