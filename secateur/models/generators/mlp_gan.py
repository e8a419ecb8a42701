"""GANs of dense layers (Goodfellow et al. 2014)."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from math import prod

from torch import nn

from secateur.models.blocks import normalization as normalization_layer
from secateur.models.blocks import scaled
from secateur.models.generators.layers import Critic, Generator
from secateur.models.generators.layers import activation as activation_layer
from secateur.models.generators.registry import Networks, register
from secateur.spaces import MLPGANSpace


@register("mlp-gan", MLPGANSpace, learns="adversarial")
def mlp_gan(
    image_shape: tuple[int, int, int],
    *,
    latent: int = 100,
    width: float = 1.0,
    first: int = 256,
    second: int = 512,
    third: int = 1024,
    critic_first: int = 512,
    critic_second: int = 256,
    activation: str = "leaky-relu",
    critic_activation: str = "relu",
    normalization: str = "none",
) -> Networks:
    """A generator of three hidden layers, ``width`` times as wide, against a critic of two.

    A layer of 0 units is left out. ``normalization`` is the generator's.
    """
    units = [scaled(width, count) for count in (first, second, third) if count]
    layers = _hidden(latent, units, activation, normalization)
    layers["output"] = nn.Linear(units[-1] if units else latent, prod(image_shape))
    layers["image"] = nn.Unflatten(1, image_shape)
    layers["tanh"] = nn.Tanh()
    judging = [count for count in (critic_first, critic_second) if count]
    features = _hidden(prod(image_shape), judging, critic_activation, "none")
    head = nn.Linear(judging[-1] if judging else prod(image_shape), 1)
    return Networks(Generator(layers, latent), critic=Critic(nn.Sequential(features), head))


def _hidden(
    given: int, units: Sequence[int], activate: str, normalize: str
) -> OrderedDict[str, nn.Module]:
    """Flattened inputs of ``given`` values, and dense layers, by name."""
    layers: OrderedDict[str, nn.Module] = OrderedDict(flatten=nn.Flatten())
    for number, made in enumerate(units, start=1):
        layers[f"hidden{number}"] = nn.Linear(given, made)
        if normalize != "none":
            layers[f"norm{number}"] = normalization_layer(normalize, made, dims=1)
        layers[f"activation{number}"] = activation_layer(activate)
        given = made
    return layers
