"""Dense against compressed by a judge that is a simple function of the images."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor

from search.generation.evaluate import SEED, Candidate, choose, evaluate
from secateur import manifest
from secateur.generator_gate import GeneratorGate
from secateur.generators import load_generator, save_generator
from secateur.judging.validity import ValidityRule
from secateur.models.generators import build_generator
from secateur.records import Architecture, EvaluatedGenerator, Likeness
from secateur.training.generative import sample
from serving.generator import Generator
from tests.search.generation.conftest import Like

Evaluated = Callable[..., EvaluatedGenerator]

TINY = Architecture(
    name="mlp-gan", arguments={"latent": 4, "width": 0.125}, input_shape=(1, 4, 4), classes=1
)


class Brightness:
    """A judge whose distance is 10 and the mean of the images that it is given."""

    count = 30

    def __init__(self, like: Like) -> None:
        self.like = like
        self.seen: list[Tensor] = []

    def __call__(self, images: Tensor) -> Likeness:
        self.seen.append(images)
        return self.like(10 + float(images.mean()))


@pytest.fixture(scope="module")
def job(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Folder of a job that has come to its evaluation: the dense generator stands for both."""
    folder = tmp_path_factory.mktemp("job")
    save_generator(folder / "models/dense", build_generator(TINY, seed=0), TINY)
    shutil.copytree(folder / "models/dense", folder / "models/flops-0.7")
    return folder


def test_served_images_are_judged_and_figures_inscribed(job: Path, like: Like) -> None:
    judge = Brightness(like)
    dense = Candidate(0.0, "models/dense", like(2.0))
    cut = Candidate(0.7, "models/flops-0.7", like(2.1))
    rule = ValidityRule(bounds={}, images=1000, allowance=0.03)
    found = evaluate(GeneratorGate(), dense, [cut], judge, job, rule)

    generator, _ = load_generator(job / "models/dense")
    expected = sample(generator, judge.count, SEED)
    assert len(judge.seen) == 2
    for images in judge.seen:
        assert images.dtype == torch.float32
        np.testing.assert_allclose(images, expected, atol=1e-5)
    figures = found.dense.figures
    assert figures.likeness.distance == pytest.approx(10 + float(expected.mean()), abs=1e-5)
    # Dense layers of 4, 32, 64, 128 and 16 values: 2 FLOPs a weight, and a bias each.
    weights = 4 * 32 + 32 * 64 + 64 * 128 + 128 * 16
    assert figures.flops == 2 * weights
    assert figures.parameters == weights + 32 + 64 + 128 + 16
    assert figures.size_bytes == (job / "models/dense" / manifest.GRAPH).stat().st_size
    assert figures.latency_ms > 0

    assert (found.chosen, found.champion.validation.distance) == (0, 2.1)
    content = manifest.read(job / "models/flops-0.7")
    assert (content.figures, content.dense_figures) == (found.champion.figures, figures)
    assert Generator.load(job / "models/flops-0.7").rule == rule


@pytest.mark.parametrize(
    ("gate", "validation", "collapsed", "chosen"),
    [
        ({}, (2.1, 5.0), (False, False), 0),
        # Both within the ratio: the fewer FLOPs, though a larger distance.
        ({"max_distance_ratio": 3}, (2.1, 5.0), (False, False), 1),
        # None within it: the smaller distance.
        ({}, (4.0, 3.0), (False, False), 1),
        ({"max_distance_ratio": 3}, (2.1, 2.2), (False, True), 0),
        ({"max_distance_ratio": 3, "allow_collapsed": True}, (2.1, 2.2), (False, True), 1),
        ({}, (4.0, 3.0), (True, True), 1),
    ],
)
def test_the_choice_by_validation_distance(
    gate: dict[str, float],
    validation: tuple[float, float],
    collapsed: tuple[bool, bool],
    chosen: int,
    evaluated: Evaluated,
) -> None:
    # Test distances say the contrary, and count for nothing.
    models = [
        evaluated(target, distance, 100 - distance, collapsed=lacks)
        for target, distance, lacks in zip((0.7, 0.9), validation, collapsed, strict=True)
    ]
    assert choose(GeneratorGate(**gate), evaluated(0, 2.0, 2.0), *models) == chosen


def test_nothing_to_choose_from(evaluated: Evaluated) -> None:
    assert choose(GeneratorGate(), evaluated(0, 2.0, 2.0)) is None
