"""Which data a job learns from."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import BeforeValidator, Field, model_validator

from secateur.records import TaskKind
from secateur.spaces import Dimension, Frozen, Range, Share, ends, reals

WIDEST = 1e9
"""Greatest magnitude of a number in a pair; its square has an exact neighbour in float32."""


Side = Annotated[int, Field(ge=1, le=8192)]
"""Of an image, in pixels."""


def _pair(given: Any) -> Any:
    if isinstance(given, (list, tuple)) and len(given) == len(("height", "width")):
        return given
    raise ValueError("[height, width] in pixels, such as [32, 32]")


Size = Annotated[tuple[Side, Side], BeforeValidator(_pair)]
"""(height, width) of an image."""


class _Splits(Frozen):
    """How images are divided, by seed and stratified by class where there are classes.

    Attributes:
        validation: share of the training images kept for selection and rewards.
        limit: at most this many training images are used, to make a job small.
    """

    validation: Share = 0.2
    limit: int | None = Field(default=None, ge=20)

    @property
    def task(self) -> TaskKind:
        """What networks are asked for."""
        return "classification"


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
        mode: read all images as ``gray``, with one channel, or as ``rgb``, with three. Absent,
            they are read as they are, and grey ones among coloured ones are refused.
        test: share of the images kept for the test split where the folder has none.
        on_error: what an image that cannot be read does: ``fail`` ends the job with the
            file's name, ``skip`` passes over the file and counts it.
    """

    kind: Literal["image-folder"] = "image-folder"
    root: Path
    size: Size | None = None
    mode: Literal["gray", "rgb"] | None = None
    test: Share = 0.2
    on_error: Literal["fail", "skip"] = "fail"


class ArraysData(_Splits):
    """A NumPy ``.npz`` file with ``images`` and mostly ``labels``; see ``secateur.data.arrays``.

    Attributes:
        path: the file.
        test: share of the images kept for the test split where the file has none.
    """

    kind: Literal["arrays"] = "arrays"
    path: Path
    test: Share = 0.2


class ArithmeticData(_Splits):
    """Pairs of numbers with their sum or product: a regression, see ``secateur.data.arithmetic``.

    Attributes:
        operation: ``sum`` or ``product``.
        pairs: in all, the same whatever the seed, which parts them.
        low: least number of a pair.
        high: greatest; where both ends are whole numbers all are, as in a search space.
        test: share of the pairs kept for the test split.
    """

    kind: Literal["arithmetic"] = "arithmetic"
    operation: Literal["sum", "product"] = "sum"
    pairs: int = Field(default=10_000, ge=20, le=10_000_000)
    low: Annotated[int | float, Field(ge=-WIDEST, le=WIDEST)] = -1.0
    high: Annotated[int | float, Field(ge=-WIDEST, le=WIDEST)] = 1.0
    test: Share = 0.2

    @property
    def task(self) -> TaskKind:
        """A sum or product is a value."""
        return "regression"

    @property
    def whole(self) -> bool:
        """Whether only whole numbers are drawn."""
        return isinstance(self.low, int) and isinstance(self.high, int)

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if self.low >= self.high:
            raise ValueError(f"low below high, unlike {self.low} and {self.high}")
        return self


class MotorsData(_Splits):
    """Simulated current and vibration of a motor in four states, see ``secateur.data.motors``.

    Attributes:
        signals: in all, of a second each, as many of each state.
        representation: ``spectra`` of 1,024 lines in decibels, or ``series`` of 2,048 samples.
        machine: that is simulated, a name in ``secateur.data.motors.MACHINES``.
        noise: factor of all noise; 1 is usual.
        test: share of the signals kept for the test split.
    """

    kind: Literal["motors"] = "motors"
    signals: int = Field(default=3000, ge=20, le=100_000)
    representation: Literal["spectra", "series"] = "spectra"
    machine: Literal["fan", "pump"] = "fan"
    noise: float = Field(default=1.0, ge=0, le=100)
    test: Share = 0.4


class MicrostructuresData(_Splits):
    """Simulated tomographs of inclusions in a matrix; see ``secateur.data.microstructures``.

    A dimension is a value, a list to draw from or ``{low, high}``.

    Attributes:
        images: in all.
        shape: of the inclusions: ``discs``, or ``fibres``, cut at a slant to ellipses.
        volume_fraction: of the inclusions; each value of a list is a class of its own.
        radius: of discs, or the shorter half axis of fibres, in pixels.
        blur: standard deviation of the Gaussian blur, in pixels.
        rings: standard deviation of ring artefacts, the span from black to white being 1.
        noise: standard deviation of the noise, in the same unit.
        test: share of the images kept for the test split.
    """

    kind: Literal["microstructures"] = "microstructures"
    images: int = Field(default=5000, ge=20, le=200_000)
    shape: Literal["discs", "fibres"] = "discs"
    volume_fraction: Annotated[Dimension, reals(0.05, 0.4)] = Range(low=0.2, high=0.35)
    radius: Annotated[Dimension, reals(2, 12)] = Range(low=5.0, high=8.0)
    blur: float = Field(default=0.8, ge=0, le=5)
    rings: float = Field(default=0.02, ge=0, le=0.5)
    noise: float = Field(default=0.03, ge=0, le=0.5)
    test: Share = 0.2

    @property
    def classes(self) -> tuple[str, ...]:
        """Names of the classes: one, or one a volume fraction where they are listed."""
        if not isinstance(self.volume_fraction, tuple):
            return ("microstructure",)
        return tuple(f"{fraction:g}" for fraction in ends(self.volume_fraction))

    @model_validator(mode="after")
    def _distinct(self) -> Self:
        if len(set(self.classes)) < len(self.classes):
            raise ValueError(f"volume fractions that differ, unlike {', '.join(self.classes)}")
        return self


DataSpec = Annotated[
    DigitsData
    | MNISTData
    | FashionMNISTData
    | KMNISTData
    | CIFAR10Data
    | CIFAR100Data
    | SVHNData
    | ImageFolderData
    | ArraysData
    | ArithmeticData
    | MicrostructuresData
    | MotorsData,
    Field(discriminator="kind"),
]
