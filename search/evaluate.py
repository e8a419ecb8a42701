"""The evaluation stage: dense against compressed, through the graphs that are served."""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from secateur import artifacts, manifest
from secateur.compression.counter import count
from secateur.data.images import Images
from secateur.records import EvaluatedModel, Evaluation, Figures, FinetuneResult, SearchResult
from secateur.spec import PublishSpec
from serving.runtime import Classifier

LATENCY_ROUNDS = 200


def evaluate(
    gate: PublishSpec,
    searched: SearchResult,
    finetuned: Sequence[FinetuneResult],
    test: Images,
    folder: Path,
) -> Evaluation:
    """Measure the dense network and every compressed one on the test split.

    Which one is put forward is decided on validation accuracies alone; the test split only
    says how good it is.

    Args:
        gate: its largest accuracy drop guides the choice.
        searched: holds the dense network.
        finetuned: the compressed networks.
        test: a split that nothing before has seen.
        folder: of the job.
    """
    candidates = [(0.0, searched.artifact, searched.best.accuracy or 0.0)]
    candidates += [(result.target, result.artifact, result.accuracy) for result in finetuned]
    folders = [folder / artifact for _, artifact, _ in candidates]
    models = [
        EvaluatedModel(
            target=target, artifact=artifact, validation_accuracy=accuracy, figures=figures
        )
        for (target, artifact, accuracy), figures in zip(
            candidates, measure(folders, test), strict=True
        )
    ]
    dense, *compressed = models
    for model in models:
        _inscribe(folder / model.artifact, model.figures, dense.figures)
    return Evaluation(
        dense=dense, compressed=tuple(compressed), chosen=choose(gate, dense, compressed)
    )


def choose(gate: PublishSpec, dense: EvaluatedModel, compressed: Sequence[EvaluatedModel]) -> int:
    """The most compressed model whose validation accuracy drops no more than the gate allows.

    Where all drop more, the most accurate one.
    """
    floor = dense.validation_accuracy - gate.max_accuracy_drop
    sound = [index for index, model in enumerate(compressed) if model.validation_accuracy >= floor]
    if sound:
        return min(sound, key=lambda index: compressed[index].figures.flops)
    return max(range(len(compressed)), key=lambda index: compressed[index].validation_accuracy)


def measure(folders: Sequence[Path], test: Images) -> list[Figures]:
    """Figures of saved models, latencies taken in turns so that noise falls on all alike."""
    classifiers = [Classifier.load(folder) for folder in folders]
    pixels = test.pixels.astype(np.float32) / 255
    latencies = median_latencies(classifiers, pixels[:1])
    return [
        _figures(folder, classifier, pixels, test.labels, latency)
        for folder, classifier, latency in zip(folders, classifiers, latencies, strict=True)
    ]


def median_latencies(classifiers: Sequence[Classifier], image: np.ndarray) -> list[float]:
    """Median milliseconds of one image, each model timed once a round."""
    times = np.empty((LATENCY_ROUNDS, len(classifiers)))
    for rounds in times:
        for index, classifier in enumerate(classifiers):
            began = time.perf_counter()
            classifier.probabilities(image)
            rounds[index] = time.perf_counter() - began
    medians: list[float] = (1000 * np.median(times, axis=0)).tolist()
    return medians


def _figures(
    folder: Path, classifier: Classifier, pixels: np.ndarray, labels: np.ndarray, latency: float
) -> Figures:
    answers = classifier.probabilities(pixels).argmax(axis=1)
    content = classifier.manifest
    network = artifacts.rebuild(content.architecture, content.widths)
    cost = count(network, content.architecture.input_shape)
    return Figures(
        accuracy=float((answers == labels).mean()),
        flops=cost.flops,
        parameters=cost.parameters,
        size_bytes=(folder / manifest.GRAPH).stat().st_size,
        latency_ms=latency,
    )


def _inscribe(folder: Path, figures: Figures, dense: Figures) -> None:
    """Write the figures into the model's own manifest."""
    content = manifest.read(folder)
    manifest.write(folder, content.model_copy(update={"figures": figures, "dense_figures": dense}))
