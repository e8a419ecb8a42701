"""Random changes to training images that leave their class as it is."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import torch
from torch import Tensor
from torch.nn import functional as F

from secateur.records import Augmentation

_REACH = 8


def augment(images: Tensor, names: Sequence[Augmentation], generator: torch.Generator) -> Tensor:
    """Change a batch at random, by each name in turn; without names it stays as it is.

    Args:
        images: (batch, channels, height, width) of any type, on any device.
        names: out of ``CHANGES``.
        generator: of the changes, on the CPU.
    """
    for name in names:
        images = CHANGES[name](images, generator)
    return images


def random_shift(images: Tensor, generator: torch.Generator) -> Tensor:
    """Shift each image on its own by up to an eighth of its sides, rounded down.

    All shifts are equally likely; what comes in at the edges is 0, as in the random
    crops of He et al. 2016, section 4.2. Of a series, which is an image of height 1, what
    leaves at one end comes in at the other. Sides below 8 stay where they are.

    Args:
        images: (batch, channels, height, width) of any type, on any device.
        generator: of the shifts, on the CPU.

    Returns:
        A new tensor of the same shape, type and device.
    """
    count, _, height, width = images.shape
    down, right = height // _REACH, width // _REACH
    # Black surrounds a picture; to a signal, whose silence is the middle level, 0 is a jolt.
    border = "circular" if height == 1 else "constant"
    padded = F.pad(images, (right, right, down, down), border)
    # A view of all windows: (batch, channels, vertical, horizontal, height, width).
    windows = padded.unfold(2, height, 1).unfold(3, width, 1)
    rows = torch.randint(2 * down + 1, (count,), generator=generator).to(images.device)
    columns = torch.randint(2 * right + 1, (count,), generator=generator).to(images.device)
    return windows[torch.arange(count, device=images.device), :, rows, columns]


def random_mirror(images: Tensor, generator: torch.Generator) -> Tensor:
    """Swap left and right in each image on its own, in half of them on average.

    For what keeps its class in a mirror: things and animals, but not digits or letters.
    Takes and returns what ``random_shift`` does.
    """
    mirrored = torch.randint(2, (len(images), 1, 1, 1), generator=generator, dtype=torch.bool)
    return torch.where(mirrored.to(images.device), images.flip(3), images)


CHANGES: dict[Augmentation, Callable[[Tensor, torch.Generator], Tensor]] = {
    "shift": random_shift,
    "mirror": random_mirror,
}
"""All augmentations, by the names that specs and recipes give them."""
