"""Deep convolutional GANs (Radford et al. 2016, "Unsupervised representation learning")."""

from __future__ import annotations

from secateur.models.generators.layers import (
    convolutional_critic,
    convolutional_generator,
    initialise,
)
from secateur.models.generators.registry import Networks, register
from secateur.spaces import DCGANSpace


@register("dcgan", DCGANSpace, learns="adversarial")
def dcgan(
    image_shape: tuple[int, int, int],
    *,
    latent: int = 64,
    width: int = 32,
    critic_width: int = 32,
    activation: str = "relu",
    critic_activation: str = "leaky-relu",
    normalization: str = "batch",
    critic_normalization: str = "batch",
) -> Networks:
    """Transposed convolutions against convolutions; their number goes by the image's size.

    For 28x28 images and width 32: the generator makes 128 channels of 4x4, 64 of 7x7, 32 of
    14x14, and the image; the critic 32 of 14x14, 64 of 7x7, 128 of 4x4, and one number.
    """
    generator = convolutional_generator(image_shape, latent, width, activation, normalization)
    critic = convolutional_critic(
        image_shape, critic_width, critic_activation, critic_normalization
    )
    initialise(generator, critic)
    return Networks(generator, critic=critic)
