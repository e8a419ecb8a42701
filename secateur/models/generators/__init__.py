"""The generative families: one file each, all built through ``build_generator``."""

from secateur.models.generators import (  # noqa: F401 - importing a family registers it
    dcgan,
    diffusion,
    mlp_gan,
    vae,
    vae_gan,
)
from secateur.models.generators.registry import (
    GeneratorFamily,
    Networks,
    build_generator,
    build_networks,
    families,
    latent_of,
)

__all__ = [
    "GeneratorFamily",
    "Networks",
    "build_generator",
    "build_networks",
    "families",
    "latent_of",
]
