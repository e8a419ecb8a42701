from fractions import Fraction

import numpy as np
import pytest

from secateur.data import load
from secateur.errors import DataError, SpecError
from secateur.spec import ArithmeticData, parse
from secateur.tasks import Regression


def pairs_of(split):
    return split.pixels.reshape(len(split), 2)


@pytest.mark.parametrize(
    ("operation", "exact"),
    [("sum", lambda one, two: one + two), ("product", lambda one, two: one * two)],
)
def test_results_are_exact_but_for_one_rounding(operation, exact):
    train = load(ArithmeticData(operation=operation, pairs=500, low=-50.0, high=1000.0), 0).train
    for (one, two), result in zip(pairs_of(train), train.labels, strict=True):
        truth = exact(Fraction(float(one)), Fraction(float(two)))
        # float32 has 24 bits: rounding to nearest is off by 2^-24 of the value at most.
        assert abs(Fraction(float(result)) - truth) <= abs(truth) / 2**24


def test_types_shapes_and_range():
    data = load(ArithmeticData(low=2.0, high=3.0), seed=0)
    # A fifth of 10,000 for testing, a fifth of the 8,000 left for validation
    assert [len(split) for split in (data.train, data.validation, data.test)] == [6400, 1600, 2000]
    assert data.train.pixels.shape == (6400, 1, 1, 2)
    assert (data.train.pixels.dtype, data.train.labels.dtype) == (np.float32, np.float32)
    assert (data.train.pixels.min(), data.train.pixels.max()) == pytest.approx((2, 3), abs=1e-3)
    # The mean of 12,800 numbers, each with deviation 1 / sqrt(12): within 5 of its own.
    assert data.train.pixels.mean() == pytest.approx(2.5, abs=5 / np.sqrt(12 * 12800))


def test_whole_ends_make_whole_numbers_of_which_both_ends_occur():
    numbers = load(ArithmeticData(low=0, high=3), seed=0).train.pixels
    assert set(numbers.ravel()) == {0, 1, 2, 3}


@pytest.mark.parametrize(("operation", "scale"), [("sum", 200), ("product", 10_000)])
def test_networks_see_and_say_numbers_of_magnitude_one_at_most(operation, scale):
    data = load(ArithmeticData(operation=operation, low=-100, high=50), seed=0)
    assert (data.mean, data.std) == ((0.0,), (100.0,))
    assert (data.task, data.outputs, data.labels) == (Regression(scale), 1, ())


def test_a_seed_parts_the_pairs_and_the_operation_changes_none():
    first, other = (load(ArithmeticData(), seed) for seed in (1, 2))
    assert first.digest == other.digest
    assert first.split_digest != other.split_digest
    product = load(ArithmeticData(operation="product"), seed=1)
    assert np.array_equal(first.test.pixels, product.test.pixels)
    assert first.digest != product.digest


def test_no_pair_is_in_two_splits():
    data = load(ArithmeticData(operation="product"), seed=0)
    pairs = np.concatenate([pairs_of(part) for part in (data.train, data.validation, data.test)])
    assert len(np.unique(pairs, axis=0)) == len(pairs)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"operation": "difference"}, ["data.operation: 'difference'", "'sum' or 'product'"]),
        ({"low": 1.0, "high": 1.0}, ["data: ", "low below high, unlike 1.0 and 1.0"]),
        ({"high": float("nan")}, ["data.high", "nan"]),
        ({"high": 1e30}, ["data.high: 1e+30", "1000000000"]),
        ({"pairs": 2}, ["data.pairs: 2", "20"]),
    ],
)
def test_refusals(changes, words):
    with pytest.raises(SpecError) as refused:
        parse({"name": "job", "data": {"kind": "arithmetic"} | changes})
    assert [word for word in words if word not in str(refused.value)] == []


def test_a_split_without_a_pair_is_refused():
    with pytest.raises(DataError, match=r"data\.test: 0\.001 of 100 images is 0; expected"):
        load(ArithmeticData(pairs=100, test=0.001), seed=0)
