"""Images out of a generator."""

from __future__ import annotations

from math import ceil

import numpy as np
import torch
from torch import Tensor, nn

from secateur.training.evaluation import device_of, evaluating


def noise(latent: int, count: int, seed: int) -> Tensor:
    """What ``count`` images of a seed are made of, the same as the server draws.

    Row by row NumPy's ``default_rng(seed).standard_normal``: the first rows are the same
    however many there are.

    Returns:
        float32 (count, latent, 1, 1).
    """
    drawn = np.random.default_rng(seed).standard_normal((count, latent)).astype(np.float32)
    return torch.from_numpy(drawn)[:, :, None, None]


def sample(generator: nn.Module, count: int, seed: int, batch: int = 500) -> Tensor:
    """Images of a seed, made in evaluation mode on the generator's own device.

    Args:
        generator: has the attribute ``latent``; its modes are then as before.
        count: at least 1.
        seed: of the noise, 0 or more.
        batch: most images at once.

    Returns:
        float32 (count, channels, height, width) in [-1, 1], on the CPU.
    """
    latent = generator.latent
    assert isinstance(latent, int), latent
    parts = noise(latent, count, seed).tensor_split(ceil(count / batch))
    with evaluating(generator), torch.inference_mode():
        return torch.cat([generator(part.to(device_of(generator))).cpu() for part in parts])
