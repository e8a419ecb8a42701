"""From noise to images by some runs of a denoiser, without chance (Song et al. 2021)."""

from __future__ import annotations

from itertools import pairwise
from math import prod, sqrt

import numpy as np
import torch
from torch import Tensor, nn


class Sampler(nn.Module):
    """The deterministic DDIM of Song et al. 2021, equation 12 without its noise.

    Args:
        denoiser: (images, levels) -> noise in them.
        image_shape: (channels, height, width).
        signal: as the attribute.
        runs: of the denoiser for one image, at most as many as there are levels.

    Attributes:
        denoiser: as given.
        image_shape: as given.
        latent: channels · height · width, since the noise is an image itself.
        signal: share of the signal's variance at each noise level (ᾱ), falling.
        visited: the levels at which the denoiser is run, falling.
    """

    def __init__(
        self,
        denoiser: nn.Module,
        image_shape: tuple[int, int, int],
        signal: tuple[float, ...],
        runs: int,
    ) -> None:
        super().__init__()
        self.denoiser, self.image_shape, self.signal = denoiser, image_shape, signal
        self.latent = prod(image_shape)
        self.visited = self.spaced(runs)

    def once(self) -> Sampler:
        """A sampler that runs the same denoiser once."""
        return Sampler(self.denoiser, self.image_shape, self.signal, 1)

    def spaced(self, runs: int) -> tuple[int, ...]:
        """So many levels from the last to the first: evenly."""
        evenly = np.linspace(len(self.signal) - 1, 0, runs)
        return tuple(int(level) for level in evenly.round())

    def forward(self, noise: Tensor) -> Tensor:
        """Noise (n, latent, 1, 1) -> images (n, channels, height, width) in [-1, 1]."""
        images = noise.reshape(-1, *self.image_shape)
        for level, following in pairwise(self.visited):
            clean = self.clean(images, level)
            before, after = self.signal[level], self.signal[following]
            found = (images - sqrt(before) * clean) / sqrt(1 - before)
            images = sqrt(after) * clean + sqrt(1 - after) * found
        return self.clean(images, self.visited[-1])

    def clean(self, images: Tensor, level: int) -> Tensor:
        """What images of a noise level would be without their noise, in [-1, 1]."""
        signal = self.signal[level]
        told = torch.full((1,), float(level), device=images.device)
        found: Tensor = self.denoiser(images, told)
        return ((images - sqrt(1 - signal) * found) / sqrt(signal)).clamp(-1, 1)
