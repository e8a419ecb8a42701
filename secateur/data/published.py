"""Published data sets through torchvision, found on disk or downloaded.

All lie below one folder in torchvision's own layout: ``SECATEUR_DATA``, or the user's cache
where the variable is not set.  CIFAR's files are pickles, which could run code; torchvision
opens them only after their MD5 sums have been found to be the published ones.
"""

from __future__ import annotations

import os
import sys
import warnings
from contextlib import redirect_stdout
from http.client import HTTPException
from pathlib import Path
from pickle import PickleError
from typing import Any

import numpy as np

from secateur.data.images import Images
from secateur.data.registry import Source, register
from secateur.errors import DataError
from secateur.paths import expanded
from secateur.spec import (
    CIFAR10Data,
    CIFAR100Data,
    FashionMNISTData,
    KMNISTData,
    MNISTData,
    SVHNData,
)

_VARIABLE = "SECATEUR_DATA"
_DIGITS = tuple(str(digit) for digit in range(10))
_GREY = 3  # axes of grey images that lack an axis of channels
_COLOURS = 3

# A failed download ends as one of the first three, a broken file as any of the others.
_FAILURES = (
    OSError,
    RuntimeError,
    HTTPException,
    ValueError,
    TypeError,
    KeyError,
    AssertionError,
    EOFError,
    PickleError,
)
_LONGEST_REASON = 300


@register("mnist")
def mnist(_spec: MNISTData, _seed: int) -> Source:
    """70,000 images of 1x28x28 in 10 classes, 10,000 of them for testing (LeCun et al. 1998).

    Raises:
        DataError: the download failed, or a file is broken; so do all others here.
    """
    return _source("mnist", "MNIST", "MNIST/raw", _DIGITS)


@register("fashion-mnist")
def fashion_mnist(_spec: FashionMNISTData, _seed: int) -> Source:
    """70,000 images of 1x28x28 in 10 classes, 10,000 of them for testing (Xiao et al. 2017)."""
    return _source("fashion-mnist", "FashionMNIST", "FashionMNIST/raw")


@register("kmnist")
def kmnist(_spec: KMNISTData, _seed: int) -> Source:
    """70,000 images of 1x28x28 in 10 classes, 10,000 of them for testing (Clanuwat et al. 2018).

    Classes are named by the romanised hiragana.
    """
    return _source("kmnist", "KMNIST", "KMNIST/raw")


@register("cifar10")
def cifar10(_spec: CIFAR10Data, _seed: int) -> Source:
    """60,000 images of 3x32x32 in 10 classes, 10,000 of them for testing (Krizhevsky 2009)."""
    return _source("cifar10", "CIFAR10", "cifar-10-batches-py")


@register("cifar100")
def cifar100(_spec: CIFAR100Data, _seed: int) -> Source:
    """60,000 images of 3x32x32 in 100 classes, 10,000 of them for testing (Krizhevsky 2009)."""
    return _source("cifar100", "CIFAR100", "cifar-100-python")


@register("svhn")
def svhn(_spec: SVHNData, _seed: int) -> Source:
    """99,289 images of 3x32x32 in 10 classes, 26,032 of them for testing (Netzer et al. 2011).

    The cropped digits, without the extra training images; the published label 10 is digit 0.
    """
    return _source("svhn", "SVHN", "", _DIGITS)


def _source(name: str, title: str, folder: str, labels: tuple[str, ...] | None = None) -> Source:
    """Both published parts of the torchvision class ``title``.

    Args:
        name: of the data set.
        title: of torchvision's class.
        folder: where that class keeps its files, below the root.
        labels: names of the classes; torchvision's where absent.
    """
    root = _root()
    train, test = (_opened(title, root, folder, part) for part in ("train", "test"))
    known = labels or tuple(train.classes)
    place = root / folder
    return Source(name, known, _images(train, known, place), _images(test, known, place))


def _root() -> Path:
    given = os.environ.get(_VARIABLE)
    return expanded(given) if given else Path.home() / ".cache" / "secateur"


def _opened(title: str, root: Path, folder: str, part: str) -> Any:
    """One part of a data set as torchvision's object, downloaded where it is absent."""
    from torchvision import datasets

    choice = {"split": part} if title == "SVHN" else {"train": part == "train"}
    try:
        # torchvision says what it downloads on the standard output, which is not ours.
        with redirect_stdout(sys.stderr), warnings.catch_warnings():
            # NumPy 2.4.0 to 2.4.4 complain of the types that CIFAR was pickled with.
            warnings.simplefilter("ignore", np.exceptions.VisibleDeprecationWarning)
            return getattr(datasets, title)(root, download=True, **choice)
    except _FAILURES as error:
        place = "/".join(filter(None, [f"${_VARIABLE}", folder]))
        raise DataError(
            f"{root / folder}: {title} could neither be read nor downloaded ({_reason(error)}); "
            f"expected its files as torchvision lays them out in {place}, set {_VARIABLE}"
        ) from None


def _reason(error: Exception) -> str:
    """What went wrong, in one line."""
    text = " ".join(str(error).split()) or type(error).__name__
    return text if len(text) <= _LONGEST_REASON else f"{text[: _LONGEST_REASON - 1]}…"


def _images(part: Any, labels: tuple[str, ...], place: Path) -> Images:
    pixels = np.asarray(part.data)
    if pixels.ndim == _GREY:
        pixels = pixels[:, None]
    elif pixels.shape[-1] == _COLOURS:
        pixels = pixels.transpose(0, 3, 1, 2)
    numbers = part.targets if hasattr(part, "targets") else part.labels
    classes = np.atleast_1d(np.asarray(numbers, np.int64))
    low, high = classes.min(initial=0), classes.max(initial=0)
    if len(pixels) != len(classes) or low < 0 or high >= len(labels):
        raise DataError(
            f"{place}: {len(pixels)} images with {len(classes)} labels of {low} to {high}; "
            f"expected a label of 0 to {len(labels) - 1} for each image"
        )
    return Images(np.ascontiguousarray(pixels), classes)
