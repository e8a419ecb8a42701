"""Stratified splits by seed.

scikit-learn's splitters keep shares only: a small class can come out of them without a
single validation image. Here every class is on either side, or an error says why not.
"""

from __future__ import annotations

from enum import IntEnum

import numpy as np
from numpy.typing import NDArray

from secateur.data.images import Images
from secateur.errors import DataError


class Purpose(IntEnum):
    """What a split is for; each purpose draws from a random stream of its own."""

    TEST = 0
    LIMIT = 1
    VALIDATION = 2
    ORDER = 3


def hold_out_test(
    images: Images, labels: tuple[str, ...], share: float, seed: int, field: str
) -> tuple[Images, Images]:
    """Split into (rest, test); the rest keeps two images a class or more.

    Args:
        images: all images.
        labels: names of the classes.
        share: of the images to hold out, in (0, 1).
        seed: of the choice.
        field: what to call the share in errors.

    Raises:
        DataError: a class or a side is too small.
    """
    held = _held_out(images, labels, share, field, rest_least=2)
    test, rest = _divide(images, held, _stream(seed, Purpose.TEST))
    return rest, test


def hold_out_validation(
    images: Images, labels: tuple[str, ...], share: float, seed: int
) -> tuple[Images, Images]:
    """Split into (train, validation), each with one image a class or more.

    Raises:
        DataError: a class or a side is too small.
    """
    held = _held_out(images, labels, share, "data.validation", rest_least=1)
    validation, train = _divide(images, held, _stream(seed, Purpose.VALIDATION))
    return train, validation


def limited(images: Images, labels: tuple[str, ...], limit: int | None, seed: int) -> Images:
    """``limit`` of the images, or all where there are no more; two a class or more.

    Raises:
        DataError: the limit is below two images a class, or a class has fewer.
    """
    if limit is None or limit >= len(images):
        return images
    least = 2
    if limit < least * len(labels):
        raise DataError(
            f"data.limit: {limit} images are too few for {len(labels)} classes; "
            f"expected at least {least * len(labels)}, two a class"
        )
    sizes = _class_sizes(images, labels, least)
    kept = _allocate(sizes, limit, np.full_like(sizes, least), sizes)
    return _divide(images, kept, _stream(seed, Purpose.LIMIT))[0]


def shuffled(images: Images, seed: int) -> Images:
    """The images in random order, so that any first part of them is a fair sample."""
    return images.take(_stream(seed, Purpose.ORDER).permutation(len(images)))


def _stream(seed: int, purpose: Purpose) -> np.random.Generator:
    return np.random.default_rng([seed, int(purpose)])


def _class_sizes(images: Images, labels: tuple[str, ...], least: int) -> NDArray[np.int64]:
    sizes: NDArray[np.int64] = np.bincount(images.strata, minlength=len(labels))
    smallest = int(sizes.argmin())
    if sizes[smallest] < least:
        subject = f"class '{labels[smallest]}': " if labels else ""
        raise DataError(
            f"{subject}{sizes[smallest]} images are too few to split; expected at least {least}"
        )
    return sizes


def _held_out(
    images: Images, labels: tuple[str, ...], share: float, field: str, rest_least: int
) -> NDArray[np.int64]:
    """How many images of each class to hold out."""
    sizes = _class_sizes(images, labels, least=1 + rest_least)
    total, count, classes = len(images), round(share * len(images)), len(sizes)
    if not classes <= count <= total - rest_least * classes:
        low = classes / total
        among = f", for {classes} classes" if labels else ""
        raise DataError(
            f"{field}: {share:g} of {total} images is {count}{among}; "
            f"expected a share in [{low:.3g}, {1 - rest_least * low:.3g}]"
        )
    return _allocate(sizes, count, np.ones_like(sizes), sizes - rest_least)


def _allocate(
    sizes: NDArray[np.int64], count: int, least: NDArray[np.int64], most: NDArray[np.int64]
) -> NDArray[np.int64]:
    """Share ``count`` out in proportion to ``sizes``, within [``least``, ``most``].

    The method of largest remainders, on from the nearest whole shares within bounds.
    """
    assert least.sum() <= count <= most.sum()
    exact = sizes * (count / sizes.sum())
    shares: NDArray[np.int64] = np.clip(np.floor(exact).astype(np.int64), least, most)
    while gap := count - shares.sum():
        step = 1 if gap > 0 else -1
        free = shares < most if gap > 0 else shares > least
        shares[np.where(free, step * (exact - shares), -np.inf).argmax()] += step
    return shares


def _divide(
    images: Images, counts: NDArray[np.int64], generator: np.random.Generator
) -> tuple[Images, Images]:
    """``counts`` images of each class at random, and the others; both in random order."""
    order = generator.permutation(len(images))
    ordered = images.strata[order]
    taken = np.zeros(len(images), dtype=bool)
    for label, count in enumerate(counts):
        taken[np.flatnonzero(ordered == label)[:count]] = True
    return images.take(order[taken]), images.take(order[~taken])
