"""What the evaluated networks answered on the test split, kept for pictures."""

from __future__ import annotations

import zipfile
from collections.abc import Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from secateur.data.images import Images
from secateur.errors import ArtifactError
from secateur.records import TaskKind
from secateur.scratch import whole

FILE = "answers.npz"
"""Beside the records of a job: with a thousand classes or inputs it is too much for JSON."""

WORST = 25
"""Images that are kept, so that the file stays small."""


@dataclass(frozen=True, eq=False)
class Told:
    """What one network answered.

    Attributes:
        said: (inputs,): int64 classes, or float32 values of a regression.
        sure: (inputs,): float32 probabilities of the classes; 1 for values.
    """

    said: NDArray[Any]
    sure: NDArray[np.float32]

    @classmethod
    def of(cls, outputs: NDArray[np.float32], kind: TaskKind) -> Told:
        """From what a served graph puts out: (inputs, classes), or (inputs, 1) values."""
        if kind == "regression":
            return cls(np.nan_to_num(outputs[:, 0]), np.ones(len(outputs), np.float32))
        return cls(outputs.argmax(axis=1), np.nan_to_num(outputs.max(axis=1)))


@dataclass(frozen=True, eq=False)
class Answers:
    """What networks answered on the test split, beside the truth.

    Attributes:
        labels: names of the classes; none of a regression.
        truths: (inputs,): int64 classes, or float32 values of a regression.
        said: (networks, inputs), as ``truths``; the dense network, then the compressed ones
            in the order of the evaluation.
        sure: (networks, inputs): probabilities of what was said; 1 for values.
        worst: (n,): positions of at most ``WORST`` inputs that the champion classified
            wrongly, the surest first.
        pixels: (n, channels, height, width): these inputs, as in the data set.
    """

    labels: tuple[str, ...]
    truths: NDArray[Any]
    said: NDArray[Any]
    sure: NDArray[np.float32]
    worst: NDArray[np.int64]
    pixels: NDArray[Any]

    @classmethod
    def of(
        cls, labels: tuple[str, ...], test: Images, told: Sequence[Told], champion: int
    ) -> Answers:
        """Put together what was said of ``test``; ``champion`` is a position in ``told``."""
        said, sure = told[champion].said, told[champion].sure
        wrong = np.flatnonzero(said != test.labels) if labels else np.empty(0, np.int64)
        worst = wrong[np.argsort(-sure[wrong], kind="stable")][:WORST]
        return cls(
            labels=labels,
            truths=test.labels,
            said=np.stack([one.said for one in told]),
            sure=np.stack([one.sure for one in told]),
            worst=worst,
            pixels=test.pixels[worst],
        )

    def save(self, folder: Path) -> None:
        """Write into the folder of a job, whole or not at all."""
        arrays: Any = {field.name: getattr(self, field.name) for field in fields(self)}
        with whole(folder / FILE) as partial, partial.open("wb") as file:
            np.savez_compressed(file, **arrays)


def read(folder: Path) -> Answers | None:
    """The answers in the folder of a job; nothing where it has none, as older jobs.

    Raises:
        ArtifactError: the file is damaged.
    """
    path = folder / FILE
    if not path.exists():
        return None
    try:
        # Numpy does not close what it fails to read.
        with path.open("rb") as file, np.load(file) as arrays:
            found = {field.name: arrays[field.name] for field in fields(Answers)}
    except (OSError, EOFError, ValueError, KeyError, zipfile.BadZipFile) as error:
        raise ArtifactError(f"{path}: damaged ({error}); remove it to go without") from None
    return Answers(**found | {"labels": tuple(found["labels"].tolist())})
