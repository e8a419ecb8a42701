"""Makers of synthetic signals from few real ones: baselines and generative networks."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from types import MappingProxyType

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from secateur.data.images import Images
from secateur.data.motors import STATES
from secateur.records import Architecture, GenerativeRecipe, Scalar
from secateur.training.generative import (
    GenerativeModel,
    begin,
    sample,
    to_signed,
    train,
)

Maker = Callable[[Images, int, int], Images]
"""Real signals, how many to make of each state, and a seed -> synthetic signals."""

JITTER = 20.0
"""Deviation of jitter in levels, which are 0.4 dB each."""

_CHANNELS = 2
_QUIETLY: dict[str, Scalar] = {"interval": 1_000_000, "precision": "float32"}


def jitter(real: Images, count: int, seed: int) -> Images:
    """Real signals with white noise added to every level."""
    generator = np.random.default_rng(seed)

    def of(levels: NDArray[np.float32]) -> NDArray[np.float32]:
        drawn = levels[generator.integers(len(levels), size=count)]
        return drawn + JITTER * generator.standard_normal(drawn.shape, np.float32)

    return _by_state(real, of)


def class_noise(real: Images, count: int, seed: int) -> Images:
    """The normal distribution of a state, by mean and covariance of its real signals."""
    generator = np.random.default_rng(seed)

    def of(levels: NDArray[np.float32]) -> NDArray[np.float32]:
        mean = levels.mean(axis=0)
        # Sums of deviations with normal weights have just their covariance.
        weights = generator.standard_normal((count, len(levels)), np.float32)
        return mean + weights @ (levels - mean) / np.float32(np.sqrt(len(levels) - 1))

    return _by_state(real, of)


def generative(
    family: str,
    arguments: Mapping[str, Scalar],
    recipe: Mapping[str, Scalar],
    real: Images,
    count: int,
    seed: int,
    *,
    noisy: bool = False,
) -> Images:
    """Signals of one network that learns signals and their states together.

    The state is four more channels, 1 in that of the state and -1 in the others: a network
    without labels then draws both, and a drawn signal has the state whose channel is highest.

    Args:
        family: a name in ``secateur.models.generators``.
        arguments: of the family.
        recipe: of the training.
        real: to learn from.
        count: to make of each state.
        seed: of the training and of the noise.
        noisy: whether levels get the noise back that the network cannot rebuild: a decoder
            says a mean, and a signal of its model is one drawn around it.
    """
    shown = _labelled(real)
    how = GenerativeRecipe.model_validate(_QUIETLY | dict(recipe) | {"seed": seed})
    asked = Architecture(
        name=family, arguments=dict(arguments), input_shape=shown.shape[1:], classes=1
    )
    model = begin(asked, how)
    for _ in train(model, shown, how):
        pass
    drawn, states = _enough(model, count, seed)
    if noisy:
        generator = torch.Generator().manual_seed(seed)
        drawn = drawn + _unexplained(model, shown) * torch.randn(drawn.shape, generator=generator)
    levels = (drawn + 1).mul(127.5).clamp(0, 255).round().byte()
    return Images(levels.numpy(), states)


def _labelled(real: Images) -> Tensor:
    """float32 (n, channels + states, 1, length) in [0, 1]."""
    pixels, states = real.tensors()
    length = pixels.shape[-1]
    told = torch.nn.functional.one_hot(states, len(STATES)).float()
    channels = told[:, :, None, None].expand(-1, -1, 1, length)
    return torch.cat([pixels.float() / 255, channels], dim=1)


def _enough(model: GenerativeModel, count: int, seed: int) -> tuple[Tensor, NDArray[np.int64]]:
    """``count`` signals of each state; a state that is drawn too rarely is repeated."""
    made = sample(model.generator, round(1.25 * len(STATES) * count), seed)
    signals, told = made[:, :_CHANNELS], made[:, _CHANNELS:].mean(dim=(2, 3)).argmax(dim=1)
    parts = []
    for state in range(len(STATES)):
        of_state = (told == state).nonzero().flatten()
        if not len(of_state):  # a collapsed network; its signals stand for the state all the same
            of_state = torch.arange(len(told))
        parts.append(signals[of_state.repeat(1 + count // len(of_state))[:count]])
    return torch.cat(parts), np.repeat(np.arange(len(STATES)), count)


@torch.no_grad()
def _unexplained(model: GenerativeModel, shown: Tensor) -> Tensor:
    """Deviation of each level from what the network rebuilds, (channels, 1, length)."""
    assert model.encoder is not None
    images = to_signed(shown)
    mean, _ = model.encoder(images).chunk(2, dim=1)
    rebuilt = model.generator(mean[:, :, None, None])
    return (images - rebuilt)[:, :_CHANNELS].square().mean(dim=0).sqrt()


def _by_state(real: Images, of: Callable[[NDArray[np.float32]], NDArray[np.float32]]) -> Images:
    """What a function makes of the levels of each state, flat (n, values), as signals again."""
    made = [
        of(real.pixels[real.labels == state].reshape(-1, np.prod(real.shape)).astype(np.float32))
        for state in range(len(STATES))
    ]
    states = np.repeat(np.arange(len(STATES)), [len(part) for part in made])
    levels = np.clip(np.rint(np.concatenate(made)), 0, 255).astype(np.uint8)
    return Images(levels.reshape(-1, *real.shape), states)


_VAE = {"latent": 16, "width": 8, "encoder_width": 8}
_VAE_RECIPE = {"steps": 800, "batch_size": 32, "learning_rate": 2e-3, "kl_weight": 0.02}
_GAN = {"latent": 32, "width": 8, "critic_width": 8}
_GAN_RECIPE = {"steps": 600, "batch_size": 32, "learning_rate": 1e-3, "ema": 0.99}
_DIFFUSION = {"width": 8, "sampling_steps": 20}
_DIFFUSION_RECIPE = {"steps": 800, "batch_size": 32, "learning_rate": 2e-3, "ema": 0.99}

MAKERS: Mapping[str, Maker] = MappingProxyType(
    {
        "jitter": jitter,
        "class noise": class_noise,
        "VAE": partial(generative, "vae", _VAE, _VAE_RECIPE),
        "VAE, drawn around its means": partial(generative, "vae", _VAE, _VAE_RECIPE, noisy=True),
        "GAN": partial(generative, "dcgan", _GAN, _GAN_RECIPE),
        "diffusion": partial(generative, "diffusion", _DIFFUSION, _DIFFUSION_RECIPE),
    }
)
"""By the names of their rows."""
