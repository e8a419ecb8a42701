"""Denoising diffusion (Ho et al. 2020), sampled without chance in few steps (Song et al. 2021)."""

from __future__ import annotations

from itertools import pairwise
from math import cos, pi, prod, sqrt

import numpy as np
import torch
from torch import Tensor, nn

from secateur.errors import ArchitectureError
from secateur.models.generators.geometry import steps
from secateur.models.generators.registry import Networks, register
from secateur.models.generators.unet import UNet
from secateur.spaces import DiffusionSpace

_LAST_BETA, _FIRST_BETA = 0.02, 1e-4  # of Ho et al. 2020, for 1000 levels
_LEVELS = 1000
_OFFSET, _MOST = 0.008, 0.999  # of Nichol & Dhariwal 2021


class Sampler(nn.Module):
    """From noise to images by some runs of a denoiser: the deterministic DDIM.

    Attributes:
        denoiser: (images, levels) -> noise in them.
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
        self.visited = tuple(
            int(level) for level in np.linspace(len(signal) - 1, 0, runs).round().astype(int)
        )

    def once(self) -> Sampler:
        """A sampler that runs the same denoiser once."""
        return Sampler(self.denoiser, self.image_shape, self.signal, 1)

    def forward(self, noise: Tensor) -> Tensor:
        """Noise (n, latent, 1, 1) -> images (n, channels, height, width) in [-1, 1]."""
        images = noise.reshape(-1, *self.image_shape)
        for level, following in pairwise(self.visited):
            clean = self._clean(images, level)
            before, after = self.signal[level], self.signal[following]
            found = (images - sqrt(before) * clean) / sqrt(1 - before)
            images = sqrt(after) * clean + sqrt(1 - after) * found
        return self._clean(images, self.visited[-1])

    def _clean(self, images: Tensor, level: int) -> Tensor:
        """What images of a noise level would be without their noise."""
        signal = self.signal[level]
        told = torch.full((1,), float(level), device=images.device)
        found: Tensor = self.denoiser(images, told)
        return ((images - sqrt(1 - signal) * found) / sqrt(signal)).clamp(-1, 1)


@register("diffusion", DiffusionSpace, learns="denoising")
def diffusion(
    image_shape: tuple[int, int, int],
    *,
    width: int = 16,
    schedule: str = "cosine",
    noise_levels: int = 1000,
    sampling_steps: int = 20,
) -> Networks:
    """A small U-Net, run ``sampling_steps`` times for an image.

    Raises:
        ArchitectureError: both sides of the images are below 6, or there are more sampling
            steps than noise levels.
    """
    if not steps(image_shape):
        raise ArchitectureError(
            f"diffusion.input_shape: {image_shape} is too small; expected a side of 6 and up"
        )
    if sampling_steps > noise_levels:
        raise ArchitectureError(
            f"diffusion.sampling_steps: {sampling_steps} is not usable; expected at most the "
            f"{noise_levels} noise_levels"
        )
    signal = (cosine if schedule == "cosine" else linear)(noise_levels)
    return Networks(Sampler(UNet(image_shape, width), image_shape, signal, sampling_steps))


def linear(levels: int) -> tuple[float, ...]:
    """ᾱ of the linear schedule: β from 1e-4 to 0.02 for 1000 levels, larger for fewer."""
    scale = _LEVELS / levels
    betas = np.linspace(scale * _FIRST_BETA, scale * _LAST_BETA, levels).clip(max=_MOST)
    return tuple(np.cumprod(1 - betas).tolist())


def cosine(levels: int) -> tuple[float, ...]:
    """ᾱ of the cosine schedule: a squared cosine over the levels, β up to 0.999."""
    curve = [cos((place / levels + _OFFSET) / (1 + _OFFSET) * pi / 2) ** 2
             for place in range(levels + 1)]  # fmt: skip
    betas = [min(1 - after / before, _MOST) for before, after in pairwise(curve)]
    return tuple(np.cumprod([1 - beta for beta in betas]).tolist())
