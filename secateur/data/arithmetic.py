"""Pairs of numbers with their sum or product: a regression task whose answers are known.

For studies of regression: how well a network that was pruned still adds or multiplies can
be told exactly, on as many fresh pairs as one likes.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from secateur.data.images import Images
from secateur.data.registry import Source, register
from secateur.data.splits import hold_out_test
from secateur.spec import ArithmeticData

_OPERATIONS = {"sum": np.add, "product": np.multiply}


@register("arithmetic")
def arithmetic(spec: ArithmeticData, seed: int) -> Source:
    """Draw pairs: the same whatever the operation and the seed, which parts them.

    Numbers are drawn independently and spread evenly over [low, high]; where both ends are
    whole numbers, over the whole numbers from one to the other, so that pairs may occur
    twice. A pair is one channel of 1x2 pixels, float32 and as it was drawn; its value is the
    exact result, rounded once.

    Networks see pairs divided by the greatest magnitude of a number, and answer in units of
    the greatest magnitude of a result, so that both lie in [-1, 1].

    Raises:
        DataError: a test split without a pair.
    """
    pairs = _drawn(spec)
    # In float64 the sum or product of two float32 is exact enough to be rounded but once.
    left, right = pairs.astype(np.float64).T
    values = _OPERATIONS[spec.operation](left, right).astype(np.float32)
    whole = Images(pairs.reshape(len(pairs), 1, 1, 2), values)
    pool, test = hold_out_test(whole, (), spec.test, seed, field="data.test")
    largest = max(abs(spec.low), abs(spec.high))
    scale = 2 * largest if spec.operation == "sum" else largest**2
    statistics = ((0.0,), (float(largest),))
    return Source(f"{spec.operation}s", (), pool, test, scale=float(scale), statistics=statistics)


def _drawn(spec: ArithmeticData) -> NDArray[np.float32]:
    generator, shape = np.random.default_rng(0), (spec.pairs, 2)
    if spec.whole:
        low, high = int(spec.low), int(spec.high)
        return generator.integers(low, high, shape, endpoint=True).astype(np.float32)
    return generator.uniform(spec.low, spec.high, shape).astype(np.float32)
