"""Makers of synthetic signals from few real ones: baselines and generative networks."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
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

NETWORK_STEPS = 250
"""Of every network."""

_QUIETLY: dict[str, Scalar] = {
    "steps": NETWORK_STEPS,
    "interval": 1_000_000,
    "precision": "float32",
}


@dataclass(frozen=True)
class Network:
    """A generative network and its training.

    Attributes:
        family: a name in ``secateur.models.generators``.
        arguments: of the family.
        recipe: of the training.
    """

    family: str
    arguments: Mapping[str, Scalar]
    recipe: Mapping[str, Scalar]


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


def by_networks(
    network: Network, real: Images, count: int, seed: int, *, noisy: bool = False
) -> Images:
    """Signals that a network of each state makes of normal noise.

    Args:
        network: family and training of all four.
        real: to learn from.
        count: to make of each state.
        seed: of trainings and noise.
        noisy: whether levels get the noise back that a VAE cannot rebuild: a decoder says a
            mean, and a signal of its model is one drawn around it.
    """

    def of(state: int) -> Tensor:
        shown = torch.from_numpy(real.pixels[real.labels == state])
        model = _trained(network, shown, seed)
        made = sample(model.generator, count, seed)
        return _around(made, model, shown, seed) if noisy else made

    return _signals([of(state) for state in range(len(STATES))])


def _trained(network: Network, shown: Tensor, seed: int) -> GenerativeModel:
    """A model that has learned from uint8 signals, in evaluation mode."""
    how = GenerativeRecipe.model_validate(_QUIETLY | dict(network.recipe) | {"seed": seed})
    asked = Architecture(
        name=network.family,
        arguments=dict(network.arguments),
        input_shape=tuple(shown.shape[1:]),
        classes=1,
    )
    model = begin(asked, how)
    for _ in train(model, shown, how):
        pass
    return model


@torch.no_grad()
def _around(made: Tensor, model: GenerativeModel, shown: Tensor, seed: int) -> Tensor:
    """Normal noise added, as far as each level of real signals is from what the VAE rebuilds."""
    assert model.encoder is not None
    images = to_signed(shown)
    mean, _ = model.encoder(images).chunk(2, dim=1)
    deviation = (images - model.generator(mean[:, :, None, None])).square().mean(dim=0).sqrt()
    generator = torch.Generator().manual_seed(seed)
    return made + deviation * torch.randn(made.shape, generator=generator)


def _signals(made: Sequence[Tensor]) -> Images:
    """Signals in [-1, 1], those of each state together, as levels."""
    levels = (torch.cat(list(made)) + 1).mul(127.5).clamp(0, 255).round().byte()
    return Images(levels.numpy(), np.repeat(np.arange(len(STATES)), [len(part) for part in made]))


def _by_state(real: Images, of: Callable[[NDArray[np.float32]], NDArray[np.float32]]) -> Images:
    """What a function makes of the levels of each state, flat (n, values), as signals again."""
    made = [
        of(real.pixels[real.labels == state].reshape(-1, np.prod(real.shape)).astype(np.float32))
        for state in range(len(STATES))
    ]
    states = np.repeat(np.arange(len(STATES)), [len(part) for part in made])
    levels = np.clip(np.rint(np.concatenate(made)), 0, 255).astype(np.uint8)
    return Images(levels.reshape(-1, *real.shape), states)


_VAE = Network(
    "vae",
    {"latent": 16, "width": 8, "encoder_width": 8},
    {"batch_size": 32, "learning_rate": 2e-3, "kl_weight": 0.02},
)
_GAN = Network(
    "dcgan",
    {"latent": 32, "width": 8, "critic_width": 8},
    {"batch_size": 25, "learning_rate": 1e-3, "ema": 0.98},
)
_DIFFUSION = Network(
    "diffusion",
    {"width": 8, "sampling_steps": 10},
    {"batch_size": 25, "learning_rate": 2e-3, "ema": 0.98},
)

BASELINES = ("jitter", "class noise")

MAKERS: Mapping[str, Maker] = MappingProxyType(
    {
        "jitter": jitter,
        "class noise": class_noise,
        "VAE": partial(by_networks, _VAE),
        "VAE, drawn around its means": partial(by_networks, _VAE, noisy=True),
        "GAN": partial(by_networks, _GAN),
        "diffusion": partial(by_networks, _DIFFUSION),
    }
)
"""By the names of their rows."""
