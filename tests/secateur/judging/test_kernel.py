import pytest
import torch

from secateur.judging import kernel
from secateur.judging.kernel import distance


@pytest.mark.parametrize(
    ("real", "fake"),
    [([[0.0], [1.0]], [[1.0], [2.0]]), ([[0.0, 0.0], [1.0, 1.0]], [[1.0, 1.0], [2.0, 2.0]])],
    ids=["one dimension", "two dimensions, whose products are halved"],
)
def test_two_against_two(real, fake):
    # k(x, y) = (xy + 1)³. Within: k(0, 1) = 1 and k(1, 2) = 27. Across: k(0, 1) = k(0, 2) = 1,
    # k(1, 1) = 8, k(1, 2) = 27, on average 37 / 4. 1 + 27 - 2 · 9.25.
    assert distance(torch.tensor(real), torch.tensor(fake)) == pytest.approx(9.5)


def test_samples_some_at_a_time(monkeypatch):
    first, second = torch.randn(2, 7, 4, generator=torch.Generator().manual_seed(0))
    whole = distance(first, second)
    monkeypatch.setattr(kernel, "AT_ONCE", 3)
    assert distance(first, second) == pytest.approx(whole)


def test_sets_of_one_distribution_come_out_on_either_side_of_zero():
    drawn = torch.randn(40, 50, 4, generator=torch.Generator().manual_seed(0))
    values = torch.tensor([distance(drawn[place], drawn[place + 1]) for place in range(0, 40, 2)])
    assert values.min() < 0 < values.max()
    # Unbiased: the mean is 0 up to about three times its standard error.
    assert abs(values.mean()) < 3 * values.std() / len(values) ** 0.5
