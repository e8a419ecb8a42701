from itertools import pairwise
from math import exp, sqrt

import pytest
import torch
from torch import nn

from secateur.models.generators.diffusion import cosine, linear
from secateur.models.generators.multistep import MultistepSampler
from secateur.models.generators.sampler import Sampler


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


@pytest.mark.parametrize("sampler", [Sampler, MultistepSampler])
@pytest.mark.parametrize("runs", [1, 5, 20])
def test_a_denoiser_that_knows_the_one_image_ends_there(sampler, runs):
    image = torch.linspace(-1, 1, 16).view(1, 4, 4)
    signal = linear(1000)
    denoiser = Knowing(image, signal)
    made = sampler(denoiser, (1, 4, 4), signal, runs)(torch.randn(3, 16, 1, 1))
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


class Normal(nn.Module):
    """The best denoiser of pixels that are normal around 0 with a deviation of 0.1."""

    def __init__(self, signal):
        super().__init__()
        self.signal = signal

    def forward(self, images, levels):
        signal = self.signal[int(levels)]
        return sqrt(1 - signal) / (0.01 * signal + 1 - signal) * images


def error(sampler, runs):
    """Deviation from where the flow of probability leads.

    The flow keeps a pixel's place in its distribution: from deviation
    sqrt(0.01 ᾱ + 1 - ᾱ) at the last level to 0.1 without noise.
    """
    signal = cosine(1000)
    noise = torch.linspace(-2, 2, 16).view(1, 16, 1, 1)
    made = sampler(Normal(signal), (1, 4, 4), signal, runs)(noise)
    expected = 0.1 / sqrt(0.01 * signal[-1] + 1 - signal[-1]) * noise.view(1, 1, 4, 4)
    return float((made - expected).abs().max())


def test_the_second_order_comes_nearer_with_as_many_runs():
    assert error(MultistepSampler, 15) < 0.25 * error(Sampler, 15)
    # Halved steps: a quarter of the error at the second order, half of it at the first.
    assert error(MultistepSampler, 60) < 0.35 * error(MultistepSampler, 30)
    assert 0.4 * error(Sampler, 30) < error(Sampler, 60) < 0.6 * error(Sampler, 30)


@pytest.mark.parametrize("schedule", [linear, cosine])
@pytest.mark.parametrize(("levels", "runs"), [(2, 1), (2, 2), (20, 20), (1000, 1), (1000, 300)])
def test_the_second_order_visits_as_many_levels_as_asked_for(schedule, levels, runs):
    visited = MultistepSampler(nn.Module(), (1, 2, 2), schedule(levels), runs).visited
    assert len(visited) == runs
    assert visited[0] == levels - 1
    assert all(after < before for before, after in pairwise(visited))
    assert runs == 1 or visited[-1] == 0


def test_levels_of_the_second_order_are_evenly_spaced_by_signal_and_noise():
    # ln(ᾱ / (1 - ᾱ)) / 2 of five levels: 4, 2, 1, 0 and -2; three of 4, 1 and -2.
    signal = tuple(1 / (1 + exp(-2 * ratio)) for ratio in (4.0, 2.0, 1.0, 0.0, -2.0))
    assert MultistepSampler(nn.Module(), (1, 2, 2), signal, 3).visited == (4, 2, 0)
