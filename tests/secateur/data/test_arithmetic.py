from fractions import Fraction

import numpy as np
import pytest

from secateur.data import arithmetic
from secateur.errors import DataError


@pytest.mark.parametrize(
    ("operation", "exact"),
    [("sum", lambda one, two: one + two), ("product", lambda one, two: one * two)],
)
def test_results_are_exact_but_for_one_rounding(operation, exact):
    train = arithmetic.load(operation, seed=0, count=500, low=-50, high=1000).train
    for (one, two), result in zip(train.pairs, train.results, strict=True):
        truth = exact(Fraction(float(one)), Fraction(float(two)))
        # float32 has 24 bits: rounding to nearest is off by 2^-24 of the value at most.
        assert abs(Fraction(float(result)) - truth) <= abs(truth) / 2**24


def test_types_shapes_and_range():
    data = arithmetic.load("sum", seed=0, low=2, high=3)
    # A fifth of 10,000 for testing, a fifth of the 8,000 left for validation
    assert [len(split) for split in (data.train, data.validation, data.test)] == [6400, 1600, 2000]
    assert data.train.pairs.shape == (6400, 2)
    assert (data.train.pairs.dtype, data.train.results.dtype) == (np.float32, np.float32)
    assert (data.train.pairs.min(), data.train.pairs.max()) == pytest.approx((2, 3), abs=1e-3)
    # The mean of 12,800 numbers, each with deviation 1 / sqrt(12): within 5 of its own.
    assert data.train.pairs.mean() == pytest.approx(2.5, abs=5 / np.sqrt(12 * 12800))


def test_a_seed_decides_and_the_operation_does_not():
    first, again, other = (arithmetic.load("sum", seed=seed) for seed in (1, 1, 2))
    assert first.split_digest == again.split_digest != other.split_digest
    product = arithmetic.load("product", seed=1)
    assert np.array_equal(first.test.pairs, product.test.pairs)
    assert first.split_digest != product.split_digest


def test_no_pair_is_in_two_splits():
    data = arithmetic.load("product", seed=0)
    pairs = np.concatenate([part.pairs for part in (data.train, data.validation, data.test)])
    assert len(np.unique(pairs, axis=0)) == len(pairs)


def test_take():
    train = arithmetic.load("sum", seed=0, count=10).train
    assert train.take(np.array([2, 0])).results.tolist() == train.results[[2, 0]].tolist()
    assert len(train.take(slice(3))) == 3


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"operation": "difference"}, ["operation: 'difference'", "'sum' or 'product'"]),
        ({"low": 1, "high": 1}, ["low, high: 1 and 1", "low below high"]),
        ({"high": float("nan")}, ["low, high", "nan"]),
        ({"high": 1e30}, ["low, high", "1e+18"]),
        ({"count": 2}, ["count: 2 pairs", "one pair or more"]),
        ({"test": 0.99999}, ["count: 10000 pairs", "0.99999"]),
    ],
)
def test_refusals(arguments, words):
    with pytest.raises(DataError) as refused:
        arithmetic.load(**({"operation": "sum", "seed": 0} | arguments))
    assert [word for word in words if word not in str(refused.value)] == []
