import pytest
import torch

from secateur.judging import coverage as module
from secateur.judging.coverage import coverage, nearest_others, radii

REAL = torch.tensor([[0.0], [1.0], [3.0], [10.0]])
FAKE = torch.tensor([[0.5], [20.0]])


def test_radii_of_points_on_a_line():
    # From 0 the others are 1, 3 and 10 away; from 1: 1, 2, 9; from 3: 2, 3, 7; from 10: 7, 9, 10.
    assert radii(REAL, neighbours=1).tolist() == [1, 1, 2, 7]
    assert radii(REAL, neighbours=2).tolist() == [3, 2, 3, 9]
    assert nearest_others(REAL).tolist() == [1, 1, 2, 7]


def test_samples_some_at_a_time(monkeypatch):
    monkeypatch.setattr(module, "AT_ONCE", 3)
    assert radii(REAL, neighbours=2).tolist() == [3, 2, 3, 9]
    assert coverage(REAL, radii(REAL, 2), FAKE) == 0.75


@pytest.mark.parametrize(("neighbours", "share"), [(1, 0.5), (2, 0.75)])
def test_coverage_of_points_on_a_line(neighbours, share):
    # The nearest generated points are 0.5, 0.5, 2.5 and 9.5 away.
    assert coverage(REAL, radii(REAL, neighbours), FAKE) == share


def test_real_points_cover_themselves():
    assert coverage(REAL, radii(REAL, 1), REAL) == 1


def test_a_repeated_point_has_itself_for_a_neighbour():
    features = torch.randn(30, 64, generator=torch.Generator().manual_seed(0)).repeat(2, 1)
    assert nearest_others(features).max() < 1e-4
