"""Variational autoencoders with a learned measure of likeness (Larsen et al. 2016)."""

from __future__ import annotations

from secateur.models.generators.layers import (
    convolutional_critic,
    convolutional_generator,
    initialise,
)
from secateur.models.generators.registry import Networks, register
from secateur.models.generators.vae import convolutional_encoder
from secateur.spaces import VAEGANSpace


@register("vae-gan", VAEGANSpace, learns="variational-adversarial")
def vae_gan(
    image_shape: tuple[int, int, int],
    *,
    latent: int = 64,
    width: int = 32,
    encoder_width: int = 32,
    critic_width: int = 32,
    activation: str = "relu",
) -> Networks:
    """The networks of a VAE and the critic of a DCGAN."""
    generator = convolutional_generator(image_shape, latent, width, activation)
    encoder = convolutional_encoder(image_shape, latent, encoder_width)
    critic = convolutional_critic(image_shape, critic_width)
    initialise(generator, encoder, critic)
    return Networks(generator, critic, encoder)
