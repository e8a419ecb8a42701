"""Real images made worse step by step: what a measure of likeness must put in order."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import torch
from torch import Tensor
from torch.nn import functional as F

from secateur.records import Likeness

Spoiling = Callable[[Tensor, Tensor, int], Tensor]
"""Images in [-1, 1], float (n, channels, height, width) in random order, their labels (n,), and
how many images to make of them -> that many; drawn with replacement where there are too few."""


def _blurred(images: Tensor, _labels: Tensor, count: int, passes: int) -> Tensor:
    images = images[:count]
    for _ in range(passes):
        images = F.avg_pool2d(images, 3, 1, 1, count_include_pad=False)
    return images


def _noisy(images: Tensor, _labels: Tensor, count: int, strength: float) -> Tensor:
    noise = torch.randn(images[:count].shape, generator=_generator())
    return (images[:count] + strength * noise).clamp(-1, 1)


def _noise(images: Tensor, _labels: Tensor, count: int) -> Tensor:
    return torch.rand(images[:count].shape, generator=_generator()) * 2 - 1


def _of_classes(images: Tensor, labels: Tensor, count: int, share: float) -> Tensor:
    kept = images[labels < max(1, round(share * (int(labels.max()) + 1)))]
    if len(kept) >= count:
        return kept[:count]
    return kept[torch.randint(len(kept), (count,), generator=_generator())]


def _repeated(images: Tensor, _labels: Tensor, count: int, distinct: int) -> Tensor:
    return images[:distinct].repeat(-(-count // distinct), 1, 1, 1)[:count]


def _generator() -> torch.Generator:
    return torch.Generator().manual_seed(0)


def _real(images: Tensor, _labels: Tensor, count: int) -> Tensor:
    return images[:count]


REAL = "other real images"

LADDERS: dict[str, dict[str, Spoiling]] = {
    "blur": {
        REAL: _real,
        "one pass of a 3x3 mean": partial(_blurred, passes=1),
        "two": partial(_blurred, passes=2),
        "four": partial(_blurred, passes=4),
    },
    "noise": {
        REAL: _real,
        "normal noise of deviation 0.2": partial(_noisy, strength=0.2),
        "of 0.5": partial(_noisy, strength=0.5),
        "nothing but noise": _noise,
    },
    "classes": {
        REAL: _real,
        "half of the classes": partial(_of_classes, share=0.5),
        "a fifth": partial(_of_classes, share=0.2),
        "one class": partial(_of_classes, share=0.0),
    },
    "distinct": {
        REAL: _real,
        "200 images, repeated": partial(_repeated, distinct=200),
        "50": partial(_repeated, distinct=50),
        "10": partial(_repeated, distinct=10),
    },
}
"""Ways of getting worse, each from real images on."""

MEASURES: dict[str, Callable[[Likeness], float]] = {
    "distance": lambda found: found.distance,
    "coverage": lambda found: -found.coverage,
}
"""The measures that selection may use, each the less the better."""
