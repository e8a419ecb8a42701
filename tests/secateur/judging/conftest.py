from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pytest
import torch

from benchmarks.spoiling import LADDERS
from secateur.data import Development, Images, load
from secateur.judging.features import features_for
from secateur.judging.judge import LikenessJudge
from secateur.records import Likeness
from secateur.spec import DigitsData
from secateur.training.generative import to_signed

COUNT = 400


@dataclass(frozen=True)
class Bench:
    """A judge of real images, and others that it has not seen, with their labels."""

    judge: LikenessJudge
    images: torch.Tensor
    labels: torch.Tensor

    def judged(self, ladder: str) -> dict[str, Likeness]:
        """What the judge says of each step of a ladder."""
        return {
            step: self.judge(spoil(self.images, self.labels, self.judge.count))
            for step, spoil in LADDERS[ladder].items()
        }


@pytest.fixture(scope="session")
def kept(tmp_path_factory):
    """The folder of the features."""
    return tmp_path_factory.mktemp("features")


@pytest.fixture(scope="session")
def digits():
    return load(DigitsData(validation=0.5), seed=0)


@pytest.fixture(scope="session")
def one_kind(digits):
    """The digits, as if nobody knew that they are of ten classes."""
    development = digits.development

    def unlabelled(images):
        return Images(images.pixels, np.zeros(len(images), np.int64))

    return replace(
        development,
        labels=("digit",),
        train=unlabelled(development.train),
        validation=unlabelled(development.validation),
    )


@pytest.fixture(scope="session")
def bench_of(kept):
    """Takes the first validation images for the real ones; all but the training split are left."""

    def make(development: Development, test: Images, count: int) -> Bench:
        real, rest = development.validation.tensors(), test.tensors()
        judge = LikenessJudge(features_for(development, kept), real[0][:count], count)
        images = to_signed(torch.cat([rest[0], real[0][count:]]))
        return Bench(judge, images, torch.cat([rest[1], real[1][count:]]))

    return make


@pytest.fixture(scope="session")
def bench(digits, bench_of):
    return bench_of(digits.development, digits.test, count=COUNT)


@pytest.fixture(scope="session")
def bench_of_one_kind(one_kind, digits, bench_of):
    test = Images(digits.test.pixels, np.zeros(len(digits.test), np.int64))
    return bench_of(one_kind, test, count=COUNT)
