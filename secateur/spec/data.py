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


class FashionMNISTData(_Splits):
    """Fashion-MNIST, ten kinds of clothes in grey, 28x28, found or downloaded as MNIST is."""

    kind: Literal["fashion-mnist"] = "fashion-mnist"


class KMNISTData(_Splits):
    """Kuzushiji-MNIST, ten hiragana in grey, 28x28, found or downloaded as MNIST is."""

    kind: Literal["kmnist"] = "kmnist"


class CIFAR10Data(_Splits):
    """CIFAR-10, ten classes in colour, 32x32, found or downloaded as MNIST is."""

    kind: Literal["cifar10"] = "cifar10"


class CIFAR100Data(_Splits):
    """CIFAR-100, a hundred classes in colour, 32x32, found or downloaded as MNIST is."""

    kind: Literal["cifar100"] = "cifar100"


class SVHNData(_Splits):
    """Street View House Numbers, digits in colour, 32x32, found or downloaded as MNIST is."""

    kind: Literal["svhn"] = "svhn"


class ImageFolderData(_Splits):
    """A folder of class folders, or of ``train`` and ``test`` with class folders each.

    Attributes:
        root: the folder.
        size: (height, width) to resize to; absent means all images share one size.
        grayscale: read images with one channel instead of three.
        test: share of the images kept for the test split where the folder has none.
        on_error: what an image that cannot be read does: ``fail`` ends the job with the
            file's name, ``skip`` passes over the file and counts it.
    """

    kind: Literal["image-folder"] = "image-folder"
    root: Path
    size: tuple[Annotated[int, Field(ge=1)], Annotated[int, Field(ge=1)]] | None = None
    grayscale: bool = False
    test: Share = 0.2
    on_error: Literal["fail", "skip"] = "fail"


class ArraysData(_Splits):
    """A NumPy ``.npz`` file with ``images`` and ``labels``; see ``secateur.data.arrays``.

    Attributes:
        path: the file.
        test: share of the images kept for the test split where the file has none.
    """

    kind: Literal["arrays"] = "arrays"
    path: Path
    test: Share = 0.2


DataSpec = Annotated[
    DigitsData
    | MNISTData
    | FashionMNISTData
    | KMNISTData
    | CIFAR10Data
    | CIFAR100Data
    | SVHNData
    | ImageFolderData
    | ArraysData,
    Field(discriminator="kind"),
]
