"""Random changes to training images that leave their class as it is."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional as F

_REACH = 8


def random_shift(images: Tensor, generator: torch.Generator) -> Tensor:
    """Shift each image on its own by up to an eighth of its sides, rounded down.

    All shifts are equally likely; what comes in at the edges is 0, as in the random
    crops of He et al. 2016, section 4.2. Sides below 8 stay where they are.

    Args:
        images: (batch, channels, height, width) of any type, on any device.
        generator: of the shifts, on the CPU.

    Returns:
        A new tensor of the same shape, type and device.
    """
    count, _, height, width = images.shape
    down, right = height // _REACH, width // _REACH
    padded = F.pad(images, (right, right, down, down))
    # A view of all windows: (batch, channels, vertical, horizontal, height, width).
    windows = padded.unfold(2, height, 1).unfold(3, width, 1)
    rows = torch.randint(2 * down + 1, (count,), generator=generator).to(images.device)
    columns = torch.randint(2 * right + 1, (count,), generator=generator).to(images.device)
    return windows[torch.arange(count, device=images.device), :, rows, columns]
