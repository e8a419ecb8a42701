from math import log

import pytest
import torch

from secateur.training.generative.losses import GAMES
from secateur.training.generative.variational import divergence, drawn, squared_error

# D is 1/2 and 3/4 for the real images, 1/2 and 1/4 for the generated ones.
REAL, FAKES = torch.tensor([0.0, log(3)]), torch.tensor([0.0, -log(3)])


@pytest.mark.parametrize("name", ["auto", "minimax", "non-saturating"])
def test_cross_entropy_of_the_critic(name):
    # -(ln 1/2 + ln 3/4) / 2 for both halves
    assert GAMES[name].critic(REAL, FAKES, 0.0).item() == pytest.approx(log(8 / 3))


def test_smoothing_is_one_sided():
    # -(0.9·ln D + 0.1·ln(1 - D)) of 1/2 and 3/4: 0.6931 and 0.9·0.2877 + 0.1·1.3863 = 0.3976
    real = (log(2) + 0.9 * log(4 / 3) + 0.1 * log(4)) / 2
    fakes = log(8 / 3) / 2
    found = GAMES["non-saturating"].critic(REAL, FAKES, 0.1).item()
    assert found == pytest.approx(real + fakes)


def test_generators_of_the_cross_entropy():
    # ln(1 - D) is ln 1/2 and ln 3/4; -ln D is ln 2 and ln 4
    assert GAMES["minimax"].generator(FAKES).item() == pytest.approx(-log(8 / 3) / 2)
    assert GAMES["non-saturating"].generator(FAKES).item() == pytest.approx(log(8) / 2)


def test_least_squares():
    # ((0 - 1)² + (2 - 1)²) / 2 = 1 for real, (1² + (-1)²) / 2 = 1 for generated, halved
    real, fakes = torch.tensor([0.0, 2.0]), torch.tensor([1.0, -1.0])
    assert GAMES["least-squares"].critic(real, fakes, 0.0).item() == 1
    # A target of 0.5: (0.25 + 2.25) / 2 = 1.25
    assert GAMES["least-squares"].critic(real, fakes, 0.5).item() == (1.25 + 1) / 2
    # ((1 - 1)² + (-1 - 1)²) / 2 / 2
    assert GAMES["least-squares"].generator(fakes).item() == 1


def test_wasserstein_has_no_targets():
    real, fakes = torch.tensor([1.0, 5.0]), torch.tensor([0.0, 2.0])
    assert GAMES["wasserstein"].critic(real, fakes, 0.0).item() == 1 - 3
    assert GAMES["wasserstein"].critic(real, fakes, 0.3).item() == 1 - 3
    assert GAMES["wasserstein"].generator(fakes).item() == -1


def test_minimax_saturates_where_the_critic_is_sure():
    # The slopes are -D and -(1 - D), and D(-10) = 4.54e-5.
    slopes = {}
    for name in ("minimax", "non-saturating"):
        fakes = torch.tensor([-10.0], requires_grad=True)
        GAMES[name].generator(fakes).backward()
        slopes[name] = fakes.grad.item()
    assert slopes["minimax"] == pytest.approx(-4.54e-5, rel=1e-3)
    assert slopes["non-saturating"] == pytest.approx(-1, abs=1e-4)


@pytest.mark.parametrize("name", GAMES)
def test_generators_want_higher_logits_and_critics_a_gap(name):
    real = torch.tensor([0.3], requires_grad=True)
    fakes = torch.tensor([0.2], requires_grad=True)
    GAMES[name].generator(fakes).backward()
    assert fakes.grad.item() < 0
    fakes.grad = None
    GAMES[name].critic(real, fakes, 0.0).backward()
    assert real.grad.item() < 0 < fakes.grad.item()


def test_divergence_from_the_standard_normal():
    # Means 1 and 2, variances 1 and e: (1 + 0)/2 + (4 + e - 1 - 1)/2; a second image fits.
    mean = torch.tensor([[1.0, 2.0], [0.0, 0.0]])
    log_variance = torch.tensor([[0.0, 1.0], [0.0, 0.0]])
    assert divergence(mean, log_variance).item() == pytest.approx((1 + 2 + 2.718282) / 2 / 2)


def test_noise_has_the_mean_and_spread_asked_for():
    made = drawn(torch.tensor([[1.0, 2.0]]), torch.tensor([[0.0, 2 * log(3)]]), torch.ones(1, 2))
    assert made.shape == (1, 2, 1, 1)
    assert made.flatten().tolist() == pytest.approx([2.0, 5.0])


def test_squared_error_is_a_sum_over_pixels_and_a_mean_over_images():
    images, others = torch.zeros(2, 1, 1, 2), torch.tensor([[1.0, 2.0], [0.0, 3.0]])
    assert squared_error(images, others.view(2, 1, 1, 2)).item() == (5 + 9) / 2
