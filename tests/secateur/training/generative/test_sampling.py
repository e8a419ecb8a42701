import numpy as np
import pytest
import torch

from secateur.models.generators import build_generator
from secateur.records import Architecture
from secateur.training.generative import noise, sample, to_signed


@pytest.fixture(scope="module")
def generator():
    arguments = {"width": 4, "latent": 8}
    return build_generator(
        Architecture(name="dcgan", arguments=arguments, input_shape=(1, 8, 8), classes=1), seed=0
    )


def test_noise_is_numpys_as_the_server_draws_it():
    expected = np.random.default_rng(7).standard_normal((3, 5)).astype(np.float32)
    assert np.array_equal(noise(5, 3, 7)[:, :, 0, 0].numpy(), expected)
    assert torch.equal(noise(5, 2, 7), noise(5, 3, 7)[:2])


def test_images_are_those_of_the_noise_in_evaluation_mode_however_batched(generator):
    images = sample(generator, 7, seed=1, batch=3)
    assert (images.shape, images.dtype) == ((7, 1, 8, 8), torch.float32)
    assert images.abs().max() <= 1
    assert generator.training
    with torch.no_grad():
        expected = generator.eval()(noise(8, 7, 1))
    generator.train()
    torch.testing.assert_close(images, expected)
    assert not torch.equal(images, sample(generator, 7, seed=2))


def test_pixels_are_black_at_minus_one_and_white_at_one():
    pixels = torch.tensor([0, 51, 255], dtype=torch.uint8)
    assert to_signed(pixels).tolist() == pytest.approx([-1.0, -0.6, 1.0])
    assert to_signed(torch.tensor([0.0, 0.5, 1.0])).tolist() == [-1.0, 0.0, 1.0]
