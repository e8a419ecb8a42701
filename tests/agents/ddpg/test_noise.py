from __future__ import annotations

import statistics

import pytest
import torch

from agents.ddpg.noise import UNIFORM_SIGMA, truncated_normal


def test_quantile_of_a_half_normal() -> None:
    # mean 0, sigma 1: F(0) = 0.5 and F(1) = 0.8413447, so u = 0.5 asks for the
    # 0.5 + 0.5 * 0.3413447 = 0.6706724 quantile of the standard normal, 0.4417.
    draw = truncated_normal(torch.tensor([0.0]), 1.0, torch.tensor([0.5]))
    assert draw.item() == pytest.approx(0.4417, abs=1e-4)
    assert draw.item() == pytest.approx(statistics.NormalDist().inv_cdf(0.6706724), abs=1e-6)


def test_the_median_is_the_mean_when_the_bounds_are_symmetric() -> None:
    draws = truncated_normal(torch.full((3,), 0.5), 0.3, torch.full((3,), 0.5))
    assert torch.allclose(draws, torch.full((3,), 0.5))


def test_narrow_noise_is_the_plain_normal_quantile() -> None:
    # Bounds 50 sigma away do not bite: 0.5 + 0.01 * z(0.975) = 0.5 + 0.01 * 1.959964.
    draw = truncated_normal(torch.tensor([0.5]), 0.01, torch.tensor([0.975]))
    assert draw.item() == pytest.approx(0.51959964, abs=1e-6)


@pytest.mark.parametrize("sigma", [1e-3, 0.5, UNIFORM_SIGMA])
@pytest.mark.parametrize("mean", [0.0, 0.3, 1.0])
def test_draws_stay_within_the_bounds_even_at_the_ends_of_u(mean: float, sigma: float) -> None:
    uniform = torch.tensor([0.0, 1e-7, 0.5, 1.0 - 1e-7])
    draws = truncated_normal(torch.full((4,), mean), sigma, uniform)
    assert bool(((draws >= 0.0) & (draws <= 1.0)).all())
    assert bool((draws.diff() >= 0).all())


@pytest.mark.parametrize("mean", [0.0, 0.5, 1.0])
def test_the_warmup_sigma_is_uniform_whatever_the_mean(mean: float) -> None:
    uniform = torch.linspace(0.0, 0.999, 1000)
    draws = truncated_normal(torch.full((1000,), mean), UNIFORM_SIGMA, uniform)
    assert torch.allclose(draws, uniform, atol=1e-6)
