"""The size of images: which stem it asks for, and how far a network may halve it."""

from __future__ import annotations

from secateur.errors import ArchitectureError

Sides = tuple[int, int]

LARGE = 96
"""Shorter side from which ``auto`` is ``imagenet``: its stem and stages leave 3 pixels."""


def large(stem: str, input_shape: tuple[int, int, int], *, small: str = "small") -> bool:
    """Whether a network is to be built as it was published for ImageNet.

    Args:
        stem: ``imagenet``, ``small``, or ``auto`` to go by the shorter side of the images.
        input_shape: (channels, height, width) of one image.
        small: name of the choice for small images.
    """
    return min(input_shape[1:]) >= LARGE if stem == "auto" else stem != small


def require(
    family: str, input_shape: tuple[int, int, int], smallest: int, choice: str = "stem: small"
) -> None:
    """Refuse images that the published network would shrink to nothing.

    Args:
        family: for the message.
        input_shape: (channels, height, width) of one image.
        smallest: least height and width.
        choice: argument with which smaller images can be taken.

    Raises:
        ArchitectureError: a side below ``smallest``.
    """
    if min(input_shape[1:]) < smallest:
        raise ArchitectureError(
            f"{family}.input_shape: {input_shape} is too small; "
            f"expected sides of {smallest} and up, or {choice}"
        )


def halved(sides: Sides) -> tuple[int, Sides]:
    """Stride of a padded layer that is to halve a feature map, and the sides behind it.

    The stride is 1 where a side is already 1, so that a network takes images of any size.
    """
    stride = 2 if min(sides) > 1 else 1
    return stride, (-(-sides[0] // stride), -(-sides[1] // stride))


def behind(sides: Sides, kernel: int, stride: int, padding: int) -> Sides:
    """Sides of the map that a convolution or pooling makes."""
    height, breadth = ((side + 2 * padding - kernel) // stride + 1 for side in sides)
    return height, breadth
