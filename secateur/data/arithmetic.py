"""Pairs of numbers with their sum or product: a regression task whose answers are known.

For studies of regression: how well a network that was pruned still adds or multiplies can
be told exactly, on as many fresh pairs as one likes.  No kind of ``DataSpec``: a job
searches, prunes, gates and serves classifiers of images, and these have no classes.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from secateur.errors import DataError

Operation = Literal["sum", "product"]
_OPERATIONS = {"sum": np.add, "product": np.multiply}
_WIDEST = 1e18  # the square of which float32 still holds


@dataclass(frozen=True, eq=False)
class Pairs:
    """Pairs and what they come to.

    Attributes:
        pairs: float32 (pairs, 2).
        results: float32 (pairs,), the sum or product of each pair, rounded once.
    """

    pairs: NDArray[np.float32]
    results: NDArray[np.float32]

    def __post_init__(self) -> None:
        assert self.pairs.dtype == self.results.dtype == np.float32
        assert self.pairs.shape == (len(self.results), 2), self.pairs.shape

    def __len__(self) -> int:
        return len(self.results)

    def take(self, indices: NDArray[np.integer[Any]] | slice) -> Pairs:
        """The pairs at ``indices``, in that order."""
        return Pairs(self.pairs[indices], self.results[indices])


@dataclass(frozen=True, eq=False)
class Arithmetic:
    """Pairs in three splits; built by ``load``.

    Attributes:
        operation: what was done to the pairs.
        train: the pairs to learn from.
        validation: the pairs to choose by.
        test: the pairs to report on, once, at the end.
        split_digest: SHA-256 of the pairs and results of the three splits, in hexadecimal.
    """

    operation: Operation
    train: Pairs
    validation: Pairs
    test: Pairs
    split_digest: str


def load(
    operation: Operation,
    seed: int,
    *,
    count: int = 10_000,
    low: float = -1.0,
    high: float = 1.0,
    validation: float = 0.2,
    test: float = 0.2,
) -> Arithmetic:
    """Draw and split pairs: the same for the same seed, whatever the operation.

    Args:
        operation: ``sum`` or ``product``.
        seed: of the pairs, which are drawn independently; any part is a random one.
        count: pairs in all.
        low: least number, included; numbers are spread evenly.
        high: greatest number, above ``low``; both within 1e18 of 0.
        validation: share of the pairs left after the test split to hold out, in (0, 1).
        test: share of all pairs to hold out, in (0, 1).

    Raises:
        DataError: an unknown operation, a range that is empty or too wide, or a split
            without a pair.
    """
    if operation not in _OPERATIONS:
        raise DataError(f"operation: '{operation}' is not usable; expected 'sum' or 'product'")
    if not -_WIDEST <= low < high <= _WIDEST:
        raise DataError(
            f"low, high: {low:g} and {high:g} are not usable; expected low below high, "
            f"from {-_WIDEST:g} to {_WIDEST:g}"
        )
    held = round(test * count)
    chosen = round(validation * (count - held))
    if min(held, chosen, count - held - chosen) < 1:
        raise DataError(
            f"count: {count} pairs with shares of {test:g} and {validation:g} leave a split "
            "empty; expected one pair or more in each"
        )
    whole = _drawn(operation, seed, count, low, high)
    splits = (
        whole.take(slice(held + chosen, count)),
        whole.take(slice(held, held + chosen)),
        whole.take(slice(0, held)),
    )
    return Arithmetic(operation, *splits, split_digest=_digest(*splits))


def _drawn(operation: Operation, seed: int, count: int, low: float, high: float) -> Pairs:
    drawn = np.random.default_rng(seed).uniform(low, high, (count, 2))
    pairs = drawn.astype(np.float32)
    # In float64 the sum or product of two float32 is exact enough to be rounded but once.
    left, right = pairs.astype(np.float64).T
    return Pairs(pairs, _OPERATIONS[operation](left, right).astype(np.float32))


def _digest(*splits: Pairs) -> str:
    digest = hashlib.sha256()
    for split in splits:
        digest.update(repr(split.pairs.shape).encode())
        digest.update(split.pairs.astype("<f4").tobytes())
        digest.update(split.results.astype("<f4").tobytes())
    return digest.hexdigest()
