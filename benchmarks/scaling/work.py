"""Work that takes time and memory and no processor: a sleep and an allocation.

Logical workers, more than the machine has cores, then work in parallel as on a real cluster, and
what is left of a measurement is what the product adds.
"""

from __future__ import annotations

import os
import time
from dataclasses import dataclass
from typing import Any

import numpy as np
from ray import tune

from search.attempts import outputs

# Those of ``search.trainable``, which loads torch: a processor's work for seconds, of which a
# machine of two cores has eight times as much to do as workers with cores of their own.
METRIC, FLOPS, WEIGHTS = "validation_accuracy", "flops", "weights.safetensors"

_MEGABYTE = 2**20


@dataclass(frozen=True)
class Work:
    """What a trial or an episode does.

    Attributes:
        seconds: of sleep in all.
        reports: of a trial, in equal parts of the time.
        megabytes: that are held meanwhile, every page of them touched.
        weights: megabytes of the checkpoint that a trial ends with.
    """

    seconds: float
    reports: int = 1
    megabytes: int = 64
    weights: int = 1

    def part(self) -> None:
        """Work up to the next report."""
        held = np.ones(self.megabytes * _MEGABYTE, np.uint8)
        time.sleep(self.seconds / self.reports)
        del held


def trial(_config: dict[str, Any], *, work: Work) -> None:
    """A trial as ``search.trainable.train_trial`` is one, reports and checkpoint included."""
    began = time.time()
    for epoch in range(1, work.reports + 1):
        work.part()
        told = report(epoch, work) | {"began": began, "process": os.getpid()}
        if epoch < work.reports:
            tune.report(told)
            continue
        with outputs() as kept:
            (kept.folder / WEIGHTS).write_bytes(bytes(work.weights * _MEGABYTE))
            kept.report(told)


def report(epoch: int, work: Work) -> dict[str, Any]:
    """What a trial reports after so many parts of its work."""
    share = epoch / work.reports
    return {
        METRIC: share / 2,
        FLOPS: 1_000_000,
        "epoch": epoch,
        "train_loss": 1 - share / 2,
        "validation_loss": 1 - share / 2,
        "last": epoch == work.reports,
    }


@dataclass(frozen=True)
class Asleep:
    """In place of a judge: works, then rewards a policy by its widths alone."""

    work: Work

    def __call__(self, widths: tuple[int, ...]) -> float:
        """The reward, in [0, 1)."""
        self.work.part()
        return sum(widths) % 97 / 97
