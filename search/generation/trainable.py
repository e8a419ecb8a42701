"""One trial of a generative search: train what a point stands for, and have it judged."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch
from ray import tune
from safetensors.torch import save_file

from agents.resources import device
from search.attempts import outputs
from search.generation.going_on import keep, restore
from search.generation.judging import judgements
from search.generation.snapshots import Snapshots
from search.generation.space import realise
from search.searcher import LAST
from search.unfinished import unfinished
from secateur.compression.counter import count
from secateur.data import Development
from secateur.judging.judge import LikenessJudge
from secateur.memory import bounded
from secateur.models.registry import takes
from secateur.records import GenerativeMetrics, GenerativeRecipe, Likeness
from secateur.spec import GenerationSpec
from secateur.training.generative import GenerativeModel, begin, train

SCORE = "score"
"""What Tune and Optuna maximise: the distance, below zero."""
AGE = "percent"
GROWN = 100.0
FLOPS = "flops"
STEP = "step"
SECONDS = "seconds"
LIKENESS = "likeness"
"""A ``Likeness`` as JSON; nested values would be taken apart by Tune."""
METRICS = "metrics"
"""The ``GenerativeMetrics`` since the last report, as JSON."""

WEIGHTS = "training.safetensors"
SAMPLES = "samples.npz"


def train_trial(
    config: dict[str, Any],
    *,
    spec: GenerationSpec,
    development: Development,
    judge: LikenessJudge,
    folder: Path,
) -> None:
    """Train the networks of ``config``; those of the last step are the checkpoint.

    Every judgement is a report, with the losses of the intervals since the one before, and
    the share of the trial's steps or seconds that is spent, in percent.  One that was tried
    before goes on from what it kept in the job's ``folder``, and tells what it told once more.

    Raises:
        StageError: losses or images are not finite; Tune records the trial as failed.
        MemoryError: more than ``spec.limits`` allow; torch raises RuntimeError.
    """
    with bounded(spec.limits.memory_gb):
        _train(config, spec, development, judge, folder)


def _train(
    config: dict[str, Any],
    spec: GenerationSpec,
    development: Development,
    judge: LikenessJudge,
    folder: Path,
) -> None:
    # More threads than CPUs spin against each other; Ray gives a trial one CPU.
    torch.set_num_threads(1)
    architecture, recipe = realise(spec, config, development.input_shape)
    model = begin(architecture, recipe)
    cost = {FLOPS: count(model.generator, takes(architecture)).flops}
    model.to(device())
    training = train(model, development.train.tensors()[0], recipe)
    with unfinished(folder, spec.limits.checkpoint_seconds) as place:
        judged = restore(place, training)
        for report in judged.reports:
            tune.report(report)
        for stretch, likeness, images in judgements(
            training, lambda: model.generator, judge, spec.seed, spec.search.judge_every
        ):
            report = _report(stretch, likeness, recipe) | cost
            judged = judged.and_then(report, stretch[-1].step, images)
            if stretch[-1].last:
                _end(model, judged.shots, report)
                return
            if place.pace.due:
                keep(place, training, judged)
            tune.report(report)


def _end(model: GenerativeModel, shots: Snapshots, report: dict[str, Any]) -> None:
    """Report the last judgement, with all networks and the images of all judgements."""
    with outputs() as kept:
        save_model(model, kept.folder / WEIGHTS)
        shots.save(kept.folder / SAMPLES)
        kept.report(report)


def save_model(model: GenerativeModel, file: Path) -> None:
    """Keep all networks of a training."""
    # Training may have laid tensors out in another order of dimensions.
    save_file({name: value.contiguous() for name, value in model.state_dict().items()}, file)


def _report(
    stretch: Sequence[GenerativeMetrics], likeness: Likeness, recipe: GenerativeRecipe
) -> dict[str, Any]:
    now = stretch[-1]
    spent = max(now.step / recipe.steps, now.seconds / (recipe.seconds or float("inf")))
    return {
        SCORE: -likeness.distance,
        # Of a trial that has not ended a scheduler must not think that it has.
        AGE: GROWN if now.last else min(GROWN * spent, GROWN - 1),
        LAST: now.last,
        STEP: now.step,
        SECONDS: now.seconds,
        LIKENESS: likeness.model_dump_json(),
        METRICS: f"[{','.join(metrics.model_dump_json() for metrics in stretch)}]",
    }
