from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from search.reports.spread import Sample, difference

LOW, HIGH = (1.0, 2.0, 3.0), (2.0, 4.0, 6.0)


def test_a_sample_has_the_deviation_of_n_less_one() -> None:
    # Squares of 2, 0 and 2 from the mean: 8 / 2.
    assert Sample.of(HIGH) == Sample(mean=4.0, deviation=2.0, n=3)
    assert Sample.of([7.0]) == Sample(mean=7.0, deviation=None, n=1)


def test_welchs_interval_by_hand() -> None:
    """Variances 1 and 4 over 3 runs each.

    The standard error is sqrt(1/3 + 4/3) = 1.29099. Welch and Satterthwaite's degrees of freedom
    are (5/3)^2 / ((1/3)^2 / 2 + (4/3)^2 / 2) = 2.94118, whose 97.5 % quantile is 3.219.
    """
    found = difference(Sample.of(LOW), Sample.of(HIGH))
    assert found.mean == -2.0
    assert found.half == pytest.approx(3.219 * 1.29099, rel=1e-3)
    assert not found.beyond


def test_welchs_interval_is_scipys() -> None:
    chance = np.random.default_rng(0)
    one, other = chance.normal(0, 1, 5), chance.normal(1, 3, 8)
    low, high = stats.ttest_ind(one, other, equal_var=False).confidence_interval(0.95)
    found = difference(Sample.of(list(one)), Sample.of(list(other)))
    assert (found.mean - (found.half or 0.0), found.mean + (found.half or 0.0)) == pytest.approx(
        (low, high)
    )


def test_intervals_that_hold_together_are_wider() -> None:
    """Of three comparisons each has a confidence of 1 - 0.05 / 3."""
    one, other = Sample.of(LOW), Sample.of(HIGH)
    low, high = stats.ttest_ind(LOW, HIGH, equal_var=False).confidence_interval(1 - 0.05 / 3)
    assert difference(one, other, comparisons=3).half == pytest.approx((high - low) / 2)


def test_a_difference_is_beyond_where_its_interval_leaves_out_zero() -> None:
    assert difference(Sample.of([9.0, 9.1, 9.2]), Sample.of([1.0, 1.1, 1.2])).beyond


@pytest.mark.parametrize("values", [(LOW, (9.0,)), ((9.0,), LOW), ((1.0,), (9.0,))])
def test_one_run_has_no_spread(values: tuple[tuple[float, ...], tuple[float, ...]]) -> None:
    found = difference(*map(Sample.of, values))
    assert found.half is None
    assert not found.beyond


def test_runs_that_are_all_alike() -> None:
    alike = Sample.of([5.0, 5.0])
    assert difference(alike, Sample.of([4.0, 4.0])).beyond
    assert not difference(alike, alike).beyond
    # Only the other's variance counts, 2 / 2 over 2 runs: one degree of freedom.
    apart = difference(alike, Sample.of([3.0, 5.0]))
    assert apart.half == pytest.approx(stats.t.ppf(0.975, 1))
