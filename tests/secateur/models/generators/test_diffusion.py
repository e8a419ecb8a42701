from itertools import pairwise
from math import sqrt

import pytest
import torch
from torch import nn

from secateur.models.generators.diffusion import Sampler, cosine, linear


def test_the_linear_schedule_is_the_published_one():
    signal = linear(1000)
    assert signal[0] == pytest.approx(1 - 1e-4)
    assert signal[1] == pytest.approx((1 - 1e-4) * (1 - 1e-4 - 0.0199 / 999))
    # The product of 1 - β; ln of it is about -(1e-4 + 0.02)/2·1000 - Σβ²/2 = -10.05 - 0.067
    assert signal[-1] == pytest.approx(4.04e-5, rel=1e-2)


def test_the_cosine_schedule_is_half_gone_halfway():
    signal = cosine(1000)
    # cos²(0.508/1.008·π/2) / cos²(0.008/1.008·π/2) = 0.49376 / 0.99984
    assert signal[499] == pytest.approx(0.49384, abs=1e-4)
    assert 0 < signal[-1] < 1e-5


@pytest.mark.parametrize("schedule", [linear, cosine])
@pytest.mark.parametrize("levels", [2, 20, 1000])
def test_signals_fall_from_below_one_to_above_zero(schedule, levels):
    signal = schedule(levels)
    assert len(signal) == levels
    assert signal[0] < 1
    assert signal[-1] > 0
    assert all(after < before for before, after in pairwise(signal))


class Knowing(nn.Module):
    """The denoiser of a data set that is one image."""

    def __init__(self, image, signal):
        super().__init__()
        self.image, self.signal, self.told = image, signal, []

    def forward(self, images, levels):
        self.told.append(int(levels))
        signal = self.signal[int(levels)]
        return (images - sqrt(signal) * self.image) / sqrt(1 - signal)


@pytest.mark.parametrize("runs", [1, 5, 20])
def test_a_denoiser_that_knows_the_one_image_ends_there(runs):
    image = torch.linspace(-1, 1, 16).view(1, 4, 4)
    signal = linear(1000)
    denoiser = Knowing(image, signal)
    made = Sampler(denoiser, (1, 4, 4), signal, runs)(torch.randn(3, 16, 1, 1))
    torch.testing.assert_close(made, image.expand(3, 1, 4, 4), rtol=0, atol=1e-4)
    assert len(denoiser.told) == runs
    assert denoiser.told[0] == 999
    assert denoiser.told == sorted(set(denoiser.told), reverse=True)


def test_the_noise_is_the_first_image():
    signal = (0.5,)
    # (x - sqrt(0.5)·0) / sqrt(0.5) clipped, where no noise is found
    sampler = Sampler(nn.Module(), (1, 2, 2), signal, 1)
    sampler.denoiser.forward = lambda images, levels: torch.zeros_like(images)
    made = sampler(torch.tensor([[0.1, -0.2, 3.0, 0.0]])[:, :, None, None])
    expected = torch.tensor([0.1 * sqrt(2), -0.2 * sqrt(2), 1.0, 0.0])
    torch.testing.assert_close(made.flatten(), expected)
