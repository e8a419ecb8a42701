"""A data set in its three splits, and the part of it that search and pruning may see."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from secateur.data.images import Images

if TYPE_CHECKING:
    from secateur.tasks import Task

_LEVELS = 256
_CHUNK = 1024

Statistics = tuple[tuple[float, ...], tuple[float, ...]]
"""Mean and standard deviation of each channel."""


@dataclass(frozen=True, eq=False)
class Development:
    """What search, pruning and fine-tuning get: everything but the test split.

    Attributes:
        labels: names of the classes.
        train: the images to learn from.
        validation: the images to choose by.
        mean: of each channel of the training pixels, in [0, 1].
        std: of each channel of the training pixels, above 0.
        scale: for a regression, what an output of 1 stands for; see ``tasks.Regression``.
    """

    labels: tuple[str, ...]
    train: Images
    validation: Images
    mean: tuple[float, ...]
    std: tuple[float, ...]
    scale: float | None = None

    @property
    def task(self) -> Task:
        """What networks are asked for."""
        from secateur.tasks import CLASSIFICATION, Regression

        return CLASSIFICATION if self.scale is None else Regression(self.scale)

    @property
    def outputs(self) -> int:
        """Outputs of a network: one a class, or one for the value of a regression."""
        return len(self.labels) or 1

    @property
    def input_shape(self) -> tuple[int, int, int]:
        """(channels, height, width) of one image."""
        return self.train.shape


@dataclass(frozen=True, eq=False)
class Dataset:
    """A data set in its three splits; built by ``Dataset.of``.

    Attributes:
        name: of the source.
        labels: names of the classes.
        train: the images to learn from.
        validation: the images to choose by.
        test: the images to report on, once, at the end.
        mean: of each channel of the training pixels, in [0, 1].
        std: of each channel of the training pixels; 1 for a channel that is constant,
            so that it can be divided by.
        digest: SHA-256 of all images and labels that the source holds, whatever their order
            and whatever the seed, in hexadecimal.
        split_digest: SHA-256 of the pixels and labels of the three splits, in their order.
        skipped: files that could not be read and were passed over, as was asked.
        scale: for a regression, what an output of 1 stands for; see ``tasks.Regression``.
    """

    name: str
    labels: tuple[str, ...]
    train: Images
    validation: Images
    test: Images
    mean: tuple[float, ...]
    std: tuple[float, ...]
    digest: str
    split_digest: str
    skipped: tuple[str, ...] = ()
    scale: float | None = None

    @classmethod
    def of(
        cls,
        name: str,
        labels: tuple[str, ...],
        train: Images,
        validation: Images,
        test: Images,
        digest: str | None = None,
        skipped: tuple[str, ...] = (),
        scale: float | None = None,
        statistics: Statistics | None = None,
    ) -> Dataset:
        """Put splits together, with the statistics and digests that follow from them.

        Where ``digest`` is absent the splits are taken to be all that the source holds, and
        where ``statistics`` are, they are those of the training pixels, which are uint8.
        """
        assert train.shape == validation.shape == test.shape
        mean, std = statistics or channel_statistics(train.pixels)
        parts = (train, validation, test)
        whole = content_digest(*parts) if digest is None else digest
        return cls(name, labels, *parts, mean, std, whole, digest_of(*parts), skipped, scale)

    @property
    def input_shape(self) -> tuple[int, int, int]:
        """(channels, height, width) of one image."""
        return self.train.shape

    @property
    def task(self) -> Task:
        """What networks are asked for."""
        return self.development.task

    @property
    def outputs(self) -> int:
        """Outputs of a network: one a class, or one for the value of a regression."""
        return self.development.outputs

    @property
    def development(self) -> Development:
        """Everything but the test split."""
        return Development(
            self.labels, self.train, self.validation, self.mean, self.std, self.scale
        )


def channel_statistics(pixels: NDArray[Any]) -> Statistics:
    """Mean and (population) standard deviation of each channel, of pixels scaled to [0, 1].

    Counted by level, which is exact, in little memory and whatever the order of images.

    Args:
        pixels: uint8 (images, channels, height, width).
    """
    assert pixels.dtype == np.uint8, pixels.dtype
    counts = np.zeros((pixels.shape[1], _LEVELS), np.int64)
    for start in range(0, len(pixels), _CHUNK):
        for channel in range(len(counts)):
            chunk = pixels[start : start + _CHUNK, channel]
            counts[channel] += np.bincount(chunk.ravel(), minlength=_LEVELS)
    shares = counts / counts.sum(axis=1, keepdims=True)
    levels = np.arange(_LEVELS) / (_LEVELS - 1)
    mean = shares @ levels
    variance = (shares * (levels - mean[:, None]) ** 2).sum(axis=1)
    constant = (counts > 0).sum(axis=1) == 1
    std = np.where(constant, 1.0, np.sqrt(variance))
    return tuple(mean.tolist()), tuple(std.tolist())


def digest_of(*splits: Images) -> str:
    """SHA-256 of shapes, pixels and labels, in hexadecimal, the same on any machine."""
    digest = hashlib.sha256()
    for split in splits:
        digest.update(repr(split.pixels.shape).encode())
        digest.update(np.ascontiguousarray(split.pixels).data)
        digest.update(_portable(split.labels).tobytes())
    return digest.hexdigest()


def content_digest(*parts: Images) -> str:
    """SHA-256 of shape, pixels and labels, the same however images are parted and ordered.

    Sorted digests of single images, so that data sets can be compared across seeds.
    """
    single = sorted(
        hashlib.sha256(label + image.tobytes()).digest()
        for part in parts
        for label, image in zip(_label_bytes(part), part.pixels, strict=True)
    )
    return hashlib.sha256(repr(parts[0].shape).encode() + b"".join(single)).hexdigest()


def _label_bytes(images: Images) -> list[bytes]:
    return [label.tobytes() for label in _portable(images.labels)]


def _portable(labels: NDArray[Any]) -> NDArray[Any]:
    """Labels or values with the bytes that they have on most machines."""
    return labels.astype("<i8" if labels.dtype == np.int64 else "<f4")
