"""Variational autoencoders (Kingma & Welling 2014) with convolutions."""

from __future__ import annotations

from collections import OrderedDict

from torch import nn

from secateur.models.generators.geometry import smallest
from secateur.models.generators.layers import (
    convolutional_features,
    convolutional_generator,
    initialise,
)
from secateur.models.generators.registry import Networks, register
from secateur.models.generators.whole_map import MapToPixel
from secateur.spaces import VAESpace


@register("vae", VAESpace, learns="variational")
def vae(
    image_shape: tuple[int, int, int],
    *,
    latent: int = 16,
    width: int = 32,
    encoder_width: int = 32,
    activation: str = "relu",
) -> Networks:
    """A decoder that is a DCGAN's generator, and an encoder like a DCGAN's critic."""
    generator = convolutional_generator(image_shape, latent, width, activation)
    encoder = convolutional_encoder(image_shape, latent, encoder_width)
    initialise(generator, encoder)
    return Networks(generator, encoder=encoder)


def convolutional_encoder(
    image_shape: tuple[int, int, int], latent: int, width: int
) -> nn.Sequential:
    """Convolutions that say where in the latent space an image belongs.

    Takes images (n, channels, height, width) and returns (n, 2·latent): the means, and
    behind them the logarithms of the variances.
    """
    features, channels = convolutional_features(image_shape, width)
    head = MapToPixel(channels, 2 * latent, smallest(image_shape))
    return nn.Sequential(OrderedDict(features=features, head=head, flatten=nn.Flatten()))
