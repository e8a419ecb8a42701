"""Inputs of networks and what belongs to them, in memory."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from torch import Tensor


@dataclass(frozen=True, eq=False)
class Images:
    """Images of one size and their classes, or numbers in their place and their values.

    Attributes:
        pixels: (images, channels, height, width); uint8, or float32 for numbers of any range.
        labels: (images,); int64 positions in the class names of the data set, or for a
            regression float32 values.
    """

    pixels: NDArray[np.uint8] | NDArray[np.float32]
    labels: NDArray[np.int64] | NDArray[np.float32]

    def __post_init__(self) -> None:
        assert self.pixels.dtype in {np.dtype(np.uint8), np.dtype(np.float32)}, self.pixels.dtype
        assert self.labels.dtype in {np.dtype(np.int64), np.dtype(np.float32)}, self.labels.dtype
        assert self.pixels.ndim == 4, self.pixels.shape  # noqa: PLR2004 - as documented
        assert self.labels.shape == self.pixels.shape[:1], self.labels.shape

    def __len__(self) -> int:
        return len(self.labels)

    @property
    def shape(self) -> tuple[int, int, int]:
        """(channels, height, width) of one image."""
        _, channels, height, width = self.pixels.shape
        return channels, height, width

    @property
    def strata(self) -> NDArray[np.int64]:
        """int64 (images,): the classes that splits keep in proportion; all one for values."""
        if self.labels.dtype == np.int64:
            return self.labels.astype(np.int64, copy=False)
        return np.zeros(len(self), np.int64)

    def take(self, indices: NDArray[np.integer[Any]] | slice) -> Images:
        """The images at ``indices``, in that order."""
        return Images(self.pixels[indices], self.labels[indices])

    def tensors(self) -> tuple[Tensor, Tensor]:
        """Pixels and labels as tensors of the same types, on the CPU.

        They share memory with this object where it is writable; arrays out of a shared
        object store are not, and are copied.
        """
        import torch

        pixels = np.require(self.pixels, requirements=["C", "W"])
        labels = np.require(self.labels, requirements=["C", "W"])
        return torch.from_numpy(pixels), torch.from_numpy(labels)
