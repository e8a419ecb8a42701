import math

import pytest
import torch

from secateur.judging.frechet import Gaussian, between, distance


def gaussian(mean, covariance):
    return Gaussian(torch.tensor(mean).double(), torch.tensor(covariance).double())


def test_independent_dimensions_add_up():
    # Each dimension is (m1 - m2)² + (s1 - s2)²: 9 + (1 - 3)², and 16 + (2 - 4)².
    first = gaussian([0.0, 0.0], [[1.0, 0.0], [0.0, 4.0]])
    second = gaussian([3.0, 4.0], [[9.0, 0.0], [0.0, 16.0]])
    assert between(first, second) == pytest.approx(33)
    assert between(second, first) == pytest.approx(33)


def test_covariances_that_do_not_commute():
    # C1 C2 = [[2, 4], [1, 8]]: trace 10, determinant 12. Of two dimensions
    # tr √A = √(tr A + 2 √det A), and the traces of C1 and C2 are 4 and 5.
    first = gaussian([0.0, 0.0], [[2.0, 1.0], [1.0, 2.0]])
    second = gaussian([0.0, 0.0], [[1.0, 0.0], [0.0, 4.0]])
    assert between(first, second) == pytest.approx(9 - 2 * math.sqrt(10 + 2 * math.sqrt(12)))


def test_moments_of_samples():
    # {0, 2}: mean 1, unbiased variance 2; {3, 3}: mean 3, variance 0. (1 - 3)² + 2.
    assert distance(torch.tensor([[0.0], [2.0]]), torch.tensor([[3.0], [3.0]])) == pytest.approx(6)


def test_fewer_samples_than_dimensions_are_at_no_distance_from_themselves():
    features = torch.randn(5, 64, generator=torch.Generator().manual_seed(0))
    assert distance(features, features) == pytest.approx(0, abs=1e-5)


def test_moving_a_set_adds_the_square_of_the_way():
    features = torch.randn(200, 8, generator=torch.Generator().manual_seed(0))
    # Eight dimensions, moved by 0.5 each.
    assert distance(features, features + 0.5) == pytest.approx(8 * 0.25, rel=1e-5)
