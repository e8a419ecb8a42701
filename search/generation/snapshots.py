"""Images of the same noise at several steps of a training, in a small file."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray

from secateur.errors import ArtifactError
from secateur.scratch import whole

Pixels = NDArray[np.uint8]

_WHITE = 255


@dataclass(frozen=True, eq=False)
class Snapshots:
    """What a generator made of the same noise, step by step.

    Attributes:
        steps: of the generator's training, rising.
        images: (n, channels, height, width) at each.
    """

    steps: tuple[int, ...] = ()
    images: tuple[Pixels, ...] = ()

    def with_(self, step: int, images: ArrayLike) -> Self:
        """These and those of a later step.

        Args:
            step: a step that was recorded before, by a training that went back to a
                checkpoint since, is forgotten with all that came after it.
            images: as ``to_pixels`` takes them, or uint8 already.
        """
        kept = sum(earlier < step for earlier in self.steps)
        return type(self)((*self.steps[:kept], step), (*self.images[:kept], to_pixels(images)))

    def save(self, file: Path) -> None:
        """Write a file, whole or not at all."""
        with whole(file) as partial, partial.open("wb") as opened:
            np.savez_compressed(opened, steps=np.array(self.steps), images=np.stack(self.images))

    @classmethod
    def read(cls, file: Path) -> Self | None:
        """Read a file; nothing where there is none.

        Raises:
            ArtifactError: it is damaged.
        """
        if not file.exists():
            return None
        try:
            # NumPy does not close what it fails to read.
            with file.open("rb") as opened, np.load(opened) as found:
                steps: list[Any] = found["steps"].tolist()
                return cls(tuple(steps), tuple(found["images"]))
        except Exception as error:  # NumPy's and zipfile's errors share no narrower base
            raise ArtifactError(f"{file}: damaged ({error}); expected samples by step") from error


def to_pixels(images: ArrayLike) -> Pixels:
    """Images in [-1, 1], a tensor on the CPU too, as uint8; uint8 as it is."""
    values = np.asarray(images)
    if values.dtype == np.uint8:
        return values
    pixels: Pixels = np.rint((np.clip(values, -1, 1) + 1) * (_WHITE / 2)).astype(np.uint8)
    return pixels
