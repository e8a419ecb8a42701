"""MNIST (LeCun et al. 1998) through torchvision."""

from __future__ import annotations

import os
import sys
from contextlib import redirect_stdout
from pathlib import Path

import numpy as np

from secateur.data.images import Images
from secateur.data.registry import Source, register
from secateur.errors import DataError
from secateur.spec import MNISTData

_VARIABLE = "SECATEUR_DATA"


@register("mnist")
def mnist(_spec: MNISTData, _seed: int) -> Source:
    """70,000 images of 1x28x28 in 10 classes, 10,000 of them the published test split.

    Read from ``$SECATEUR_DATA/MNIST/raw``, or from the user's cache where the variable
    is not set, and downloaded there where absent.

    Raises:
        DataError: the download failed, or a file is broken.
    """
    root = _root()
    return Source(
        name="mnist",
        labels=tuple(str(digit) for digit in range(10)),
        pool=_read(root, train=True),
        test=_read(root, train=False),
    )


def _root() -> Path:
    given = os.environ.get(_VARIABLE)
    return Path(given).expanduser() if given else Path.home() / ".cache" / "secateur"


def _read(root: Path, *, train: bool) -> Images:
    from torchvision.datasets import MNIST

    folder = root / "MNIST" / "raw"
    try:
        # torchvision says what it downloads on the standard output, which is not ours.
        with redirect_stdout(sys.stderr):
            source = MNIST(root, train=train, download=True)
    # A failed download ends as RuntimeError or OSError; broken files as any of the others.
    except (OSError, RuntimeError, ValueError, TypeError, KeyError, AssertionError) as error:
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise DataError(
            f"{folder}: MNIST could neither be read nor downloaded ({reason}); "
            f"expected its four idx files in $SECATEUR_DATA/MNIST/raw, set {_VARIABLE}"
        ) from None
    pixels, labels = source.data.numpy(), source.targets.numpy().astype(np.int64)
    if len(pixels) != len(labels) or labels.max(initial=0) > 9:  # noqa: PLR2004 - digits
        raise DataError(
            f"{folder}: {len(pixels)} images with {len(labels)} labels up to "
            f"{labels.max(initial=0)}; expected a label of 0 to 9 for each image"
        )
    return Images(pixels[:, None], labels)
