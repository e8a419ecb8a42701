"""Which data a job learns from."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field

from secateur.spaces import Frozen, Share


class _Splits(Frozen):
    """How images are divided, by seed and stratified by class.

    Attributes:
        validation: share of the training images kept for selection and rewards.
        limit: at most this many training images are used, to make a job small.
    """

    validation: Share = 0.2
    limit: int | None = Field(default=None, ge=20)


class DigitsData(_Splits):
    """scikit-learn's 1,797 scans of handwritten digits, 8x8; a fifth is the test split."""

    kind: Literal["digits"] = "digits"


class MNISTData(_Splits):
    """MNIST, 28x28, from ``SECATEUR_DATA`` or torchvision's download."""

    kind: Literal["mnist"] = "mnist"


class ImageFolderData(_Splits):
    """A folder of class folders, or of ``train`` and ``test`` with class folders each.

    Attributes:
        root: the folder.
        size: (height, width) to resize to; absent means all images share one size.
        grayscale: read images with one channel instead of three.
        test: share of the images kept for the test split where the folder has none.
    """

    kind: Literal["image-folder"] = "image-folder"
    root: Path
    size: tuple[Annotated[int, Field(ge=1)], Annotated[int, Field(ge=1)]] | None = None
    grayscale: bool = False
    test: Share = 0.2


DataSpec = Annotated[DigitsData | MNISTData | ImageFolderData, Field(discriminator="kind")]
