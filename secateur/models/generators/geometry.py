"""How an image is halved step by step, and doubled back: kernels, strides and paddings."""

from __future__ import annotations

from dataclasses import dataclass

from secateur.models.sizes import Sides

_SMALLEST = 4  # a series is not quartered below this
_LAST = 5  # a map whose sides are at most this is not halved further
_QUARTERS = 4


@dataclass(frozen=True)
class Step:
    """One change of size: a strided convolution down, or its transposed one up.

    With these a convolution takes the sides ``large`` exactly to ``small``, and a transposed
    one takes ``small`` exactly to ``large``.

    Attributes:
        large: (height, width) above.
        small: (height, width) below.
        kernel: of both sides.
        stride: of both sides.
        padding: of both sides.
    """

    large: Sides
    small: Sides
    kernel: Sides
    stride: Sides
    padding: Sides


def steps(image_shape: tuple[int, int, int]) -> tuple[Step, ...]:
    """The steps from an image down to a map of 3x3 to 5x5, largest first.

    A side is halved, rounded up, by a 4-wide kernel where it is even and a 3-wide one where
    it is odd. Series, which are images of height 1, are quartered by an 8-wide kernel where
    their length is a multiple of 4, as in WaveGAN (Donahue et al. 2019). A side of 1 stays.
    8x8 images take 1 step, 28x28 and 32x32 three, 64x64 and series of 512 four.

    Args:
        image_shape: (channels, height, width).
    """
    _, height, width = image_shape
    found: list[Step] = []
    sides = (height, width)
    while (step := _step(sides, series=height == 1)) is not None:
        found.append(step)
        sides = step.small
    return tuple(found)


def smallest(image_shape: tuple[int, int, int]) -> Sides:
    """(height, width) of the map that the last step leaves."""
    found = steps(image_shape)
    return found[-1].small if found else (image_shape[1], image_shape[2])


def _step(sides: Sides, *, series: bool) -> Step | None:
    if max(sides) <= _LAST:
        return None
    height, width = (_axis(side, quarter=series) for side in sides)
    kernel, stride, padding = zip(height, width, strict=True)
    small = (-(-sides[0] // stride[0]), -(-sides[1] // stride[1]))
    return Step(sides, small, kernel, stride, padding)


def _axis(side: int, *, quarter: bool) -> tuple[int, int, int]:
    """Kernel, stride and padding along one side."""
    if side == 1:
        return 1, 1, 0
    if quarter and side % _QUARTERS == 0 and side >= _QUARTERS * _SMALLEST:
        return 8, 4, 2
    return (4, 2, 1) if side % 2 == 0 else (3, 2, 1)
