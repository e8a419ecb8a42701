import pytest

from secateur.records import Architecture

SMALL = {
    "mlp-gan": {"width": 0.0625, "latent": 8, "critic_first": 16, "critic_second": 8},
    "dcgan": {"width": 4, "critic_width": 4, "latent": 8},
    "vae": {"width": 4, "encoder_width": 4, "latent": 8},
    "vae-gan": {"width": 4, "encoder_width": 4, "critic_width": 4, "latent": 8},
    "diffusion": {"width": 4, "noise_levels": 20, "sampling_steps": 3},
}


@pytest.fixture(scope="session")
def asked():
    """Makes the architecture of a cheap network of a family."""

    def make(name, shape=(1, 8, 8), **arguments):
        return Architecture(
            name=name, arguments=SMALL[name] | arguments, input_shape=shape, classes=1
        )

    return make
