"""Contrast of what is written, and colours that stay apart for everybody."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest
from matplotlib.colors import to_rgb
from numpy.typing import NDArray

from search.pictures.look import INK, MUTED, PALETTE, PAPER, RAMP, apart, fence

# What a colour becomes without one kind of cones (Machado et al. 2009, severity 1), in linear RGB.
SIGHT = {
    "all cones": np.eye(3),
    "no long": [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216],
                [-0.003882, -0.048116, 1.051998]],
    "no middle": [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413],
                  [-0.011820, 0.042940, 0.968881]],
    "no short": [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602],
                 [0.004733, 0.691367, 0.303900]],
}  # fmt: skip

# What red, green and blue light add to brightness.
WHITE = np.asarray([0.2126, 0.7152, 0.0722])

# Linear RGB to cones, and those to OKLab (Ottosson 2020).
CONES = [[0.4122214708, 0.5363325363, 0.0514459929], [0.2119034982, 0.6806995451, 0.1073969566],
         [0.0883024619, 0.2817188376, 0.6299787005]]  # fmt: skip
OKLAB = [[0.2104542553, 0.7936177850, -0.0040720468], [1.9779984951, -2.4285922050, 0.4505937099],
         [0.0259040371, 0.7827717662, -0.8086757660]]  # fmt: skip


def linear(colour: str) -> NDArray[np.float64]:
    value = np.asarray(to_rgb(colour))
    return np.where(value <= 0.04045, value / 12.92, ((value + 0.055) / 1.055) ** 2.4)


def contrast(one: str, other: str) -> float:
    """As the Web Content Accessibility Guidelines 2.2 have it, from 1 to 21."""
    light, dark = sorted((linear(each) @ WHITE for each in (one, other)), reverse=True)
    return float((light + 0.05) / (dark + 0.05))


def oklab(colour: str, sight: str) -> NDArray[np.float64]:
    seen = np.clip(np.asarray(SIGHT[sight]) @ linear(colour), 0, 1)
    return np.asarray(OKLAB) @ np.cbrt(np.asarray(CONES) @ seen)


def test_contrast_is_that_of_the_guidelines() -> None:
    assert contrast("#ffffff", "#000000") == pytest.approx(21)
    # 0x77 is the grey that just misses 4.5 on white, 0x76 the one that reaches it.
    assert contrast("#777777", "#ffffff") < 4.5 <= contrast("#767676", "#ffffff")


@pytest.mark.parametrize("ink", [INK, MUTED, *PALETTE])
def test_whatever_is_drawn_stands_out_from_the_paper(ink: str) -> None:
    assert contrast(ink, PAPER) >= 4.5


@pytest.mark.parametrize("sight", SIGHT)
def test_colours_of_data_stay_apart(sight: str) -> None:
    apart = {
        (one, other): float(np.linalg.norm(oklab(one, sight) - oklab(other, sight)))
        for one, other in combinations(PALETTE, 2)
    }
    # Over three times the 0.02 or so at which two colours side by side are just told apart.
    assert min(apart.values()) >= 0.075, min(apart, key=lambda pair: apart[pair])


@pytest.mark.parametrize("sight", SIGHT)
def test_the_ramp_grows_darker_all_the_way(sight: str) -> None:
    shades = [oklab(RAMP(share), sight)[0] for share in np.linspace(0, 1, 9)]
    assert (np.diff(shades) < 0).all()


def test_failures_lie_below_the_fence() -> None:
    # Quartiles 90 and 92 of five values: 1.5 times their distance below the lower one is 87.
    assert fence([10, 90, 91, 92, 93]) == 87
    assert fence([90, 91, 92, 93]) == 90


@pytest.mark.parametrize(
    ("places", "moved"),
    [
        ([0.1, 0.5, 0.9], [0.1, 0.5, 0.9]),
        ([0.5, 0.5, 0.55], [0.5, 0.6, 0.7]),
        # Three at the top: the highest stays below the edge, the others give way downwards.
        ([0.95, 0.97, 0.99], [0.8, 0.9, 1.0]),
        ([], []),
    ],
)
def test_labels_lie_apart(places: list[float], moved: list[float]) -> None:
    assert apart(places, least=0.1) == pytest.approx(moved)
