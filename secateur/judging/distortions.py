"""A task for data without classes: telling images from distorted copies of themselves.

What such a classifier must look at, sharpness, texture, sizes and how parts fit together, is
what separates good generated images from bad ones (after Dosovitskiy et al. 2014, who learn
features by telling apart transformations).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F

from secateur.data.dataset import Development
from secateur.data.images import Images
from secateur.training.preprocess import to_float

_TRAIN, _VALIDATION = 2000, 400
_PATCHES = 4  # a side
_GROUP = 20
_WHITE = 255

Distortion = Callable[[Tensor, torch.Generator], Tensor]


def real(images: Tensor, _generator: torch.Generator) -> Tensor:
    """As they are."""
    return images


def blurred(images: Tensor, generator: torch.Generator) -> Tensor:
    """Mixed, half to wholly, with the mean of each pixel's 3x3 neighbourhood, twice over."""
    smooth = F.avg_pool2d(images, 3, 1, 1, count_include_pad=False)
    smooth = F.avg_pool2d(smooth, 3, 1, 1, count_include_pad=False)
    return _mixed(images, smooth, _strength(images, generator))


def noisy(images: Tensor, generator: torch.Generator) -> Tensor:
    """With normal noise of a standard deviation of 0.05 to 0.3."""
    noise = torch.randn(images.shape, generator=generator)
    return images + noise * (0.25 * _uniform(images, generator) + 0.05)


def shuffled(images: Tensor, generator: torch.Generator) -> Tensor:
    """A board of 4x4 patches in another order, one for every 20 images: what is local stays."""
    return torch.cat([_board(part, generator) for part in torch.split(images, _GROUP)])


def doubled(images: Tensor, generator: torch.Generator) -> Tensor:
    """Mixed, by a quarter to a half, with another image: ghosts and overlaps."""
    other = images[torch.randperm(len(images), generator=generator)]
    return _mixed(images, other, _strength(images, generator) / 2)


def swollen(images: Tensor, _generator: torch.Generator) -> Tensor:
    """The brightest of each 3x3 neighbourhood: bright parts grow together."""
    return F.max_pool2d(images, 3, 1, 1)


def shrunk(images: Tensor, _generator: torch.Generator) -> Tensor:
    """The darkest of each 3x3 neighbourhood: bright parts wear away."""
    return -F.max_pool2d(-images, 3, 1, 1)


DISTORTIONS: tuple[Distortion, ...] = (real, blurred, noisy, shuffled, doubled, swollen, shrunk)
"""The classes, in their order."""


def told_apart(development: Development, seed: int) -> Development:
    """The same data as a task of classification: which distortion an image has been through.

    At most 2,000 images of the training split and 400 of the validation split, each once in
    every class, and the statistics of the data itself.
    """
    labels = tuple(distortion.__name__ for distortion in DISTORTIONS)
    generator = torch.Generator().manual_seed(seed)
    return replace(
        development,
        labels=labels,
        train=_distorted(development.train, _TRAIN, generator),
        validation=_distorted(development.validation, _VALIDATION, generator),
        scale=None,
    )


def _distorted(images: Images, most: int, generator: torch.Generator) -> Images:
    pixels = to_float(images.take(slice(0, most)).tensors()[0])
    parts = [distortion(pixels, generator).clamp(0, 1) for distortion in DISTORTIONS]
    labels = np.repeat(np.arange(len(parts), dtype=np.int64), len(pixels))
    levels = torch.cat(parts).mul_(_WHITE).round_().to(torch.uint8)
    return Images(levels.numpy(), labels)


def _uniform(images: Tensor, generator: torch.Generator) -> Tensor:
    return torch.rand((len(images), 1, 1, 1), generator=generator)


def _strength(images: Tensor, generator: torch.Generator) -> Tensor:
    """A half to a whole, an image."""
    return (1 + _uniform(images, generator)) / 2


def _mixed(images: Tensor, others: Tensor, share: Tensor) -> Tensor:
    return images * (1 - share) + others * share


def _board(images: Tensor, generator: torch.Generator) -> Tensor:
    rows = [torch.cat(_parted(row, 3, generator), 3) for row in _parted(images, 2, generator)]
    return torch.cat(rows, dim=2)


def _parted(images: Tensor, dim: int, generator: torch.Generator) -> list[Tensor]:
    """Strips along an axis, in random order."""
    strips = images.tensor_split(_PATCHES, dim=dim)
    order = torch.randperm(len(strips), generator=generator).tolist()
    return [strips[place] for place in order]
