"""Names of data sources, and the one door through which data sets are loaded.

A source is a function in a file of its own that only reads: what every data set needs
beyond that (limit, validation split, statistics, digest) is done here, once.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from secateur.data import splits
from secateur.data.dataset import Dataset, Statistics, content_digest
from secateur.data.images import Images
from secateur.errors import DataError
from secateur.spec import DataSpec


@dataclass(frozen=True, eq=False)
class Source:
    """What a source has read.

    Attributes:
        name: of the data set.
        labels: names of the classes.
        pool: the images that training and validation are split from.
        test: the images of the test split.
        skipped: files that could not be read and were passed over, as was asked.
        scale: for a regression, what an output of 1 stands for; see ``tasks.Regression``.
        statistics: to normalise inputs by; those of the training pixels where absent.
    """

    name: str
    labels: tuple[str, ...]
    pool: Images
    test: Images
    skipped: tuple[str, ...] = ()
    scale: float | None = None
    statistics: Statistics | None = None


# Called with the source's own branch of DataSpec, and the job's seed.
Reader = Callable[[Any, int], Source]
_R = TypeVar("_R", bound=Reader)
_READERS: dict[str, Reader] = {}


def register(kind: str) -> Callable[[_R], _R]:
    """Decorate a reader to make it the source of data specs of ``kind``."""

    def keep(reader: _R) -> _R:
        assert kind not in _READERS, f"two sources named {kind!r}"
        _READERS[kind] = reader
        return reader

    return keep


def sources() -> tuple[str, ...]:
    """The kinds of all registered sources."""
    return tuple(_READERS)


def load(spec: DataSpec, seed: int) -> Dataset:
    """Read a data set and split it, the same for the same seed.

    ``limit`` and ``validation`` count images of the pool, the data without its test
    split; the test split is always whole. All splits are in random order but the published
    test splits, which keep theirs.

    Raises:
        DataError: files that are absent or cannot be read, or too few images to split.
    """
    source = _READERS[spec.kind](spec, seed)
    _check_shapes(source)
    pool = splits.limited(source.pool, source.labels, spec.limit, seed)
    train, validation = splits.hold_out_validation(pool, source.labels, spec.validation, seed)
    return Dataset.of(
        source.name,
        source.labels,
        train,
        validation,
        source.test,
        digest=content_digest(source.pool, source.test),
        skipped=source.skipped,
        scale=source.scale,
        statistics=source.statistics,
    )


def _check_shapes(source: Source) -> None:
    if source.pool.shape != source.test.shape:
        shapes = ("x".join(map(str, part.shape)) for part in (source.pool, source.test))
        raise DataError(
            f"{source.name}: training images of {' and test images of '.join(shapes)}; "
            "expected one shape"
        )
