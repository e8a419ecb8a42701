import pytest
import torch

from secateur.judging.collapse import RealVariety, Variety, effective

LINE = torch.arange(10.0)[:, None]
REAL = RealVariety(LINE)


@pytest.mark.parametrize(("shares", "number"), [([0.5, 0.5, 0.0], 2), ([1.0], 1), ([0.25] * 4, 4)])
def test_the_effective_number_of_equal_classes_is_their_number(shares, number):
    assert effective(shares) == pytest.approx(number)


def test_near_duplicates_are_nearer_than_real_images_are():
    # Real neighbours are 1 apart; two of the four are 0.1 apart, the others 4.9 and 5.
    found = REAL.beside(torch.tensor([[0.0], [0.1], [5.0], [10.0]]))
    assert found.duplicates == 0.5
    assert "50% of the images are near duplicates" in found.lacks


def test_more_images_than_real_ones_are_no_duplicates():
    # As far apart as the ten real ones, with as many again half way between them: among so many
    # all lie nearer than real neighbours do.
    found = REAL.beside(torch.cat([LINE, LINE + 0.5]))
    assert found.duplicates == 0
    # Of the first ten the last two are twins.
    assert REAL.beside(torch.cat([LINE[:9], LINE[8:]])).duplicates == 0.2


def test_spread_is_a_ratio_of_variances():
    # Twice as far apart is four times the variance; a quarter as far a sixteenth.
    assert REAL.beside(2 * LINE).spread == pytest.approx(4)
    assert not REAL.beside(2 * LINE).lacks
    assert REAL.beside(LINE / 4).spread == pytest.approx(1 / 16)
    assert "vary 0.06 times" in REAL.beside(LINE / 4).lacks


def test_classes_that_are_missing():
    # Two equal classes against one: half the variety; against 90 % and 10 %:
    # exp(-0.9 ln 0.9 - 0.1 ln 0.1) = exp(0.3251) = 1.384 of 2.
    assert REAL.beside(LINE, ((0.5, 0.5), (1.0, 0.0))).classes == pytest.approx(0.5)
    found = REAL.beside(LINE, ((0.5, 0.5), (0.9, 0.1)))
    assert found.classes == pytest.approx(0.692, abs=1e-3)
    assert found.figures.keys() == {"duplicates", "spread", "class_variety"}


def test_each_sign_is_enough():
    assert not Variety(0.01, 1.0, 1.0).lacks
    assert not Variety(0.01, 1.0, None).lacks
    for signs in (Variety(0.3, 1.0, 1.0), Variety(0.01, 0.2, 1.0), Variety(0.01, 1.0, 0.1)):
        assert signs.lacks
        assert ";" not in signs.lacks
