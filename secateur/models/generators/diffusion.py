"""Denoising diffusion (Ho et al. 2020): a U-Net, schedules of the noise, and a sampler."""

from __future__ import annotations

from itertools import pairwise
from math import cos, pi

import numpy as np

from secateur.errors import ArchitectureError
from secateur.models.generators.geometry import steps
from secateur.models.generators.multistep import MultistepSampler
from secateur.models.generators.registry import Networks, register
from secateur.models.generators.sampler import Sampler
from secateur.models.generators.unet import UNet
from secateur.spaces import DiffusionSpace

_LAST_BETA, _FIRST_BETA = 0.02, 1e-4  # of Ho et al. 2020, for 1000 levels
_LEVELS = 1000
_OFFSET, _MOST = 0.008, 0.999  # of Nichol & Dhariwal 2021
_SOLVERS = {"ddim": Sampler, "dpm": MultistepSampler}


@register("diffusion", DiffusionSpace, learns="denoising")
def diffusion(
    image_shape: tuple[int, int, int],
    *,
    width: int = 16,
    schedule: str = "cosine",
    noise_levels: int = 1000,
    sampling_steps: int = 20,
    solver: str = "ddim",
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
    sampler = _SOLVERS[solver]
    return Networks(sampler(UNet(image_shape, width), image_shape, signal, sampling_steps))


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
