"""The evaluation of a generative job: dense against compressed, through the served graphs."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import torch

from search.evaluate import cost_of, inscribe, median_latencies
from secateur import manifest
from secateur.gate import ROUNDING
from secateur.generator_gate import GeneratorGate
from secateur.generators import add_rule
from secateur.judging.judge import LikenessJudge
from secateur.judging.validity import ValidityRule
from secateur.records import (
    EvaluatedGenerator,
    GenerativeEvaluation,
    GeneratorFigures,
    Likeness,
)
from serving.generator import Generator

SEED = 1_000_003
"""Of the noise that all generators are judged by: none that a search or an agent draws."""


class Candidate(NamedTuple):
    """A saved generator before it is measured.

    Attributes:
        target: share of FLOPs that was to be cut; 0 for the dense parent.
        artifact: its folder, relative to the job's.
        validation: likeness to the images that are chosen by.
    """

    target: float
    artifact: str
    validation: Likeness


def evaluate(
    gate: GeneratorGate,
    dense: Candidate,
    compressed: Sequence[Candidate],
    judge: LikenessJudge,
    folder: Path,
    rule: ValidityRule | None = None,
) -> GenerativeEvaluation:
    """Measure the dense generator and every compressed one on the test split.

    Which one is put forward is decided on validation distances alone; the test split only
    says how good it is.  The figures are written into the saved models.

    Args:
        gate: its largest ratio of distances guides the choice.
        dense: the parent.
        compressed: what was cut from it, in the order of the targets.
        judge: knows the images of the test split.
        folder: of the job.
        rule: tells valid images from others; saved with every generator, where there is one.
    """
    candidates = (dense, *compressed)
    measured = measure([folder / candidate.artifact for candidate in candidates], judge)
    models = [
        EvaluatedGenerator(**candidate._asdict(), figures=figures)
        for candidate, figures in zip(candidates, measured, strict=True)
    ]
    for model in models:
        if rule is not None:
            add_rule(folder / model.artifact, rule)
        inscribe(folder / model.artifact, model.figures, measured[0])
    return GenerativeEvaluation(
        dense=models[0], compressed=tuple(models[1:]), chosen=choose(gate, *models)
    )


def choose(
    gate: GeneratorGate, dense: EvaluatedGenerator, *compressed: EvaluatedGenerator
) -> int | None:
    """The fewest FLOPs at a validation distance that the gate's ratio allows.

    A collapsed generator is passed over where another is left, unless the gate allows it.
    Where all distances are larger, the smallest; nothing where nothing was compressed.
    """
    if not compressed:
        return None
    ceiling = (gate.max_distance_ratio + ROUNDING) * dense.validation.distance
    places = [
        place
        for place, model in enumerate(compressed)
        if gate.allow_collapsed or not model.validation.collapsed
    ] or list(range(len(compressed)))
    sound = [place for place in places if compressed[place].validation.distance <= ceiling]
    if sound:
        return min(sound, key=lambda place: compressed[place].figures.flops)
    return min(places, key=lambda place: compressed[place].validation.distance)


def measure(folders: Sequence[Path], judge: LikenessJudge) -> list[GeneratorFigures]:
    """Figures of saved generators, all judged by images of the same noise.

    Latencies are taken in turns so that noise falls on all alike.
    """
    generators = [Generator.load(folder) for folder in folders]
    latencies = median_latencies(generators, generators[0].noise(1, SEED))
    return [
        _figures(folder, _likeness(generator, judge), latency)
        for folder, generator, latency in zip(folders, generators, latencies, strict=True)
    ]


def _likeness(generator: Generator, judge: LikenessJudge) -> Likeness:
    pixels = generator.run(generator.noise(judge.count, SEED))
    return judge(torch.from_numpy(2 * pixels - 1))


def _figures(folder: Path, likeness: Likeness, latency: float) -> GeneratorFigures:
    return GeneratorFigures(
        likeness=likeness,
        **cost_of(folder).model_dump(),
        size_bytes=(folder / manifest.GRAPH).stat().st_size,
        latency_ms=latency,
    )
