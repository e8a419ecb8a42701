"""Which measures of likeness put spoilt images and young generators in the right order."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache, partial

import torch
from torch import Tensor

from benchmarks.spoiling import LADDERS
from benchmarks.studies.gan_microstructures import DATA as MICROSTRUCTURES
from benchmarks.studies.gan_mnist import DCGAN
from benchmarks.studies.generative import COVERAGE, DISTANCE, course
from benchmarks.studies.study import Figures, Metric, Row, Study, Table
from search.home import Home
from secateur import data
from secateur.judging.features import features_for
from secateur.judging.judge import COUNT, LikenessJudge
from secateur.spec import DataSpec, MNISTData
from secateur.training.generative import to_signed

_METRICS = (
    DISTANCE,
    Metric("kernel_distance", "Kernel distance", 1, 2),
    COVERAGE,
    Metric("duplicates", "Near duplicates, %", 100, 1),
    Metric("spread", "Spread", 1, 2),
    Metric("collapsed", "Collapsed, share of seeds", 1, 1),
)
_HALF: dict[str, DataSpec] = {
    "mnist": MNISTData(validation=0.5),
    "microstructures": MICROSTRUCTURES.model_copy(update={"validation": 0.5}),
}


@dataclass(frozen=True)
class _Bench:
    """A judge of 2,000 validation images, and all others that its features never saw."""

    judge: LikenessJudge
    images: Tensor
    labels: Tensor


@lru_cache(maxsize=1)
def _bench(name: str, seed: int) -> _Bench:
    content = data.load(_HALF[name], seed)
    (real, labels), test = content.validation.tensors(), content.test.tensors()
    features = features_for(content.development, Home.find().folder / "judges", seed)
    judge = LikenessJudge(features, real[:COUNT], COUNT)
    images = to_signed(torch.cat([real[COUNT:], test[0]]))
    return _Bench(judge, images, torch.cat([labels[COUNT:], test[1]]))


def _play(name: str, ladder: str, step: str, seed: int) -> Figures:
    bench = _bench(name, seed)
    found = bench.judge(LADDERS[ladder][step](bench.images, bench.labels, COUNT))
    return {
        "distance": found.distance,
        "kernel_distance": found.kernel_distance,
        "coverage": found.coverage,
        "collapsed": float(found.collapsed),
        **found.figures,
    }


def _tables(name: str, title: str, *ladders: str) -> tuple[Table, ...]:
    return tuple(
        Table(
            f"{name}-{ladder}",
            f"{title}: {ladder}",
            _METRICS,
            tuple(Row(step, partial(_play, name, ladder, step), {}) for step in LADDERS[ladder]),
        )
        for ladder in ladders
    )


_YOUNG = DCGAN.but(
    {"learning_rate": 1e-3, "steps": 1600, "interval": 50}, width=16, critic_width=16
)
_STEPS = (50.0, 100.0, 200.0, 400.0, 800.0, 1600.0)

JUDGING = Study(
    "judging",
    "Measures of likeness, put to the test",
    "2,000 images at a time against 2,000 real ones. Each table begins with real images that "
    "neither the features nor the judge has seen, which is the floor of every measure, and goes on "
    "to worse ones; a measure that selection uses must put them in this order. Spoilt images are "
    "real ones of the same kind. [What the columns mean](../judging.md).",
    (
        *_tables("mnist", "MNIST", *LADDERS),
        Table(
            "mnist-training",
            "MNIST: a DCGAN of width 16 in the course of its training",
            _METRICS,
            course(_YOUNG, "step", dict.fromkeys(_STEPS, ""), "{} steps"),
        ),
        *_tables(
            "microstructures", "Microstructures, without classes", "blur", "noise", "distinct"
        ),
    ),
)
