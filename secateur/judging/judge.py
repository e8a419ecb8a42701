"""Judges generated images against real ones of the same data."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from secateur.data.dataset import Development
from secateur.errors import DataError, StageError
from secateur.judging import frechet
from secateur.judging.collapse import RealVariety
from secateur.judging.coverage import NEIGHBOURS, coverage, radii
from secateur.judging.features import FeatureNet, features_for
from secateur.judging.kernel import KernelDistance
from secateur.records.generation import Likeness

COUNT = 2000

Further = Callable[[Tensor], dict[str, float]]
"""More measures of images in [-1, 1], float (n, channels, height, width), by name."""


class LikenessJudge:
    """Holds real images; called with generated ones, it says how like them they are.

    2,000 images of MNIST take about a second of one core.

    Args:
        features: to compare images by.
        real: uint8 (n, channels, height, width), in any order. Of more than ``count``, so many
            are drawn, always the same; where there are fewer, distances come out higher than
            with ``count`` and compare among themselves only, which ``note`` says.
        count: of generated images at each call: the Fréchet distance falls with it.
        further: measures of this kind of data.

    Raises:
        DataError: so few real images that there is nothing to judge by.

    Attributes:
        name: of the features, as ``Likeness.judge``.
        count: images that a call takes.
        note: what a reader of the figures should know; empty where there is nothing.
    """

    def __init__(
        self,
        features: FeatureNet,
        real: Tensor,
        count: int = COUNT,
        further: Further | None = None,
    ) -> None:
        assert real.dtype == torch.uint8, real.dtype
        check_number(len(real), "real images")
        self.name = features.name
        self.count = count
        self.note = _note(len(real), count)
        self._features = features
        self._further = further
        self._real = features.of(_drawn(real, count))
        self._reach = radii(self._real)
        self._variety = RealVariety(self._real)
        self._kernel_distance = KernelDistance(self._real)
        self._classes = self._shares(self._real)

    def __call__(self, images: Tensor) -> Likeness:
        """Judge ``count`` images, float (count, channels, height, width) in [-1, 1].

        Raises:
            StageError: values that are not finite.
        """
        assert len(images) == self.count, f"{len(images)} images; this judge takes {self.count}"
        if not images.isfinite().all():
            raise StageError(
                "generated images hold values that are not finite; expected values in [-1, 1], "
                "try a lower learning rate"
            )
        fake = self._features.of(images)
        classes = self._shares(fake)
        found = self._variety.beside(fake, (self._classes, classes) if classes else None)
        return Likeness(
            judge=self.name,
            images=len(fake),
            real=len(self._real),
            distance=frechet.distance(self._real, fake),
            kernel_distance=self._kernel_distance(fake),
            coverage=coverage(self._real, self._reach, fake),
            collapsed=bool(found.lacks),
            collapse=found.lacks,
            classes=classes,
            figures=found.figures | (self._further(images) if self._further else {}),
        )

    def _shares(self, features: Tensor) -> tuple[float, ...]:
        """Of each class; empty where the features are those of no classifier of the data's own."""
        if self._features.kind != "classifier":
            return ()
        counts = self._features.classify(features).bincount(minlength=self._features.classes)
        return tuple((counts / len(features)).tolist())


def check_number(images: int, called: str) -> None:
    """Refuse so few real images that they have no neighbours to be covered by.

    Raises:
        DataError: says how many there should be.
    """
    if images <= NEIGHBOURS:
        raise DataError(
            f"{images} {called}; expected {NEIGHBOURS + 1} or more to judge generated ones by"
        )


def judge_of(
    development: Development,
    folder: Path,
    seed: int = 0,
    count: int = COUNT,
    further: Further | None = None,
) -> LikenessJudge:
    """The judge of a search: its real images are no test images.

    They are those of the validation split where it has ``count`` or more; else those of the
    training split, which the features were learned on, are drawn from as well.

    Args:
        development: the data.
        folder: where features are kept, see ``features_for``.
        seed: of the features.
        count: of generated images to judge.
        further: measures of this kind of data.
    """
    real = development.validation.pixels
    if len(real) < count:
        real = np.concatenate([real, development.train.pixels])
    pixels = torch.from_numpy(np.ascontiguousarray(real))
    return LikenessJudge(features_for(development, folder, seed), pixels, count, further)


def _drawn(real: Tensor, count: int) -> Tensor:
    # Test splits are sorted by class in some copies: the first would not be a fair sample.
    return real[torch.randperm(len(real), generator=torch.Generator().manual_seed(0))[:count]]


def _note(real: int, count: int) -> str:
    if real >= count:
        return ""
    return (
        f"{real} real images where {count} are asked for: distances are higher than with "
        f"{count}, and compare only with others on these {real}"
    )
