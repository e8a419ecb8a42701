"""The evaluation stage: dense against compressed, through the graphs that are served."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from search.answers import Answers, Told
from secateur import artifacts, manifest
from secateur.compression.counter import count
from secateur.compression.quantization import CALIBRATION_IMAGES
from secateur.data.images import Images
from secateur.gate import ROUNDING, failures
from secateur.manifest import ServedPrecision, Variant
from secateur.models.registry import takes
from secateur.records import (
    AnyFigures,
    Cost,
    EvaluatedModel,
    EvaluatedVariant,
    Evaluation,
    Figures,
    FinetuneResult,
    SearchResult,
)
from secateur.spec import PublishSpec
from secateur.tasks import CLASSIFICATION, Task
from serving.network import Network
from serving.opening import open_network

LATENCY_ROUNDS = 200
_WHITE = 255
_AT_ONCE = 1024
"""Images that are floats at a time; all of a split would take four times its memory."""


class Candidate(NamedTuple):
    """A model before it is measured.

    Attributes:
        target: share of FLOPs that was to be cut; 0 for the dense parent.
        artifact: its folder, relative to the job's.
        validation_accuracy: in [0, 1].
        cost: by counting.
    """

    target: float
    artifact: str
    validation_accuracy: float
    cost: Cost


class Measured(NamedTuple):
    """A graph after it was measured.

    Attributes:
        figures: its own.
        told: what it answered on the test split.
    """

    figures: Figures
    told: Told


Graph = tuple[Path, ServedPrecision]
"""Folder of a saved model, and which of its graphs."""


def evaluate(
    gate: PublishSpec,
    searched: SearchResult,
    finetuned: Sequence[FinetuneResult],
    train: Images,
    test: Images,
    folder: Path,
    task: Task = CLASSIFICATION,
) -> Evaluation:
    """Measure the dense network and every compressed one on the test split.

    Which one is put forward is decided on validation accuracies alone; the test split only
    says how good it is.  That one is quantised and measured as well, where the job asks for
    it; a variant that misses the gate is taken out of the saved model again. What the
    networks answered is left in the folder, see ``search.answers``.

    Args:
        gate: its largest accuracy drop guides the choice.
        searched: holds the dense network.
        finetuned: the compressed networks.
        train: some of it shows the quantisation what activations are like.
        test: a split that nothing before has seen.
        folder: of the job.
        task: of the networks.
    """
    candidates = _candidates(searched, finetuned, folder)
    chosen = choose(gate, *candidates)
    place = 0 if chosen is None else 1 + chosen
    champion = folder / candidates[place].artifact
    graphs: list[Graph] = [(folder / candidate.artifact, "float32") for candidate in candidates]
    if gate.int8:
        artifacts.add_int8(champion, graph_input(_spread(train)))
        graphs.append((champion, "int8"))
    measured = measure(graphs, test, task)
    dense, *compressed = (
        _evaluated(candidate, figures)
        for candidate, (figures, _) in zip(candidates, measured, strict=False)
    )
    for model in (dense, *compressed):
        inscribe(folder / model.artifact, model.figures, dense.figures)
    int8 = _admit_int8(gate, champion, dense.figures, measured[-1].figures) if gate.int8 else None
    labels = manifest.read(folder / dense.artifact).labels
    told = [one.told for one in measured[: len(candidates)]]
    Answers.of(labels, test, told, place).save(folder)
    return Evaluation(dense=dense, compressed=tuple(compressed), chosen=chosen, int8=int8)


def _candidates(
    searched: SearchResult, finetuned: Sequence[FinetuneResult], folder: Path
) -> list[Candidate]:
    """The dense network, then the compressed ones."""
    saved = [(0.0, searched.artifact, searched.best.accuracy or 0.0)]
    saved += [(result.target, result.artifact, result.accuracy) for result in finetuned]
    return [Candidate(*model, cost_of(folder / model[1])) for model in saved]


def _evaluated(candidate: Candidate, figures: Figures) -> EvaluatedModel:
    return EvaluatedModel(
        target=candidate.target,
        artifact=candidate.artifact,
        validation_accuracy=candidate.validation_accuracy,
        figures=figures,
    )


def choose(gate: PublishSpec, dense: Candidate, *compressed: Candidate) -> int | None:
    """The most compressed model whose validation accuracy drops no more than the gate allows.

    Where all drop more, the most accurate one; nothing where nothing was compressed.
    """
    if not compressed:
        return None
    floor = dense.validation_accuracy - gate.max_accuracy_drop - ROUNDING
    sound = [index for index, model in enumerate(compressed) if model.validation_accuracy >= floor]
    if sound:
        return min(sound, key=lambda index: compressed[index].cost.flops)
    return max(range(len(compressed)), key=lambda index: compressed[index].validation_accuracy)


def measure(graphs: Sequence[Graph], test: Images, task: Task = CLASSIFICATION) -> list[Measured]:
    """Figures and answers of saved graphs.

    Latencies are taken in turns so that noise falls on all alike.
    """
    networks = [open_network(folder, precision=precision) for folder, precision in graphs]
    latencies = median_latencies(networks, graph_input(test.take(slice(1))))
    measured = []
    for (folder, _), network, latency in zip(graphs, networks, latencies, strict=True):
        outputs = run(network, test)
        reached = task.figures(outputs, test.labels)
        figures = _figures(folder, network, reached, latency)
        measured.append(Measured(figures, Told.of(outputs, task.kind)))
    return measured


def run(network: Network, images: Images) -> NDArray[np.float32]:
    """What a served graph puts out, a row an image; as ``Network.run`` else."""
    parts = (images.take(slice(at, at + _AT_ONCE)) for at in range(0, len(images), _AT_ONCE))
    return np.concatenate([network.run(graph_input(part)) for part in parts])


def graph_input(images: Images) -> NDArray[np.float32]:
    """What a served graph takes: pixels as float32 in [0, 1]; other numbers as they are."""
    white = _WHITE if images.pixels.dtype == np.uint8 else 1
    return images.pixels.astype(np.float32) / np.float32(white)


def median_latencies(networks: Sequence[Network], image: np.ndarray) -> list[float]:
    """Median milliseconds of one image, each model timed once a round."""
    times = np.empty((LATENCY_ROUNDS, len(networks)))
    for rounds in times:
        for index, network in enumerate(networks):
            began = time.perf_counter()
            network.run(image)
            rounds[index] = time.perf_counter() - began
    medians: list[float] = (1000 * np.median(times, axis=0)).tolist()
    return medians


def _figures(
    folder: Path, network: Network, reached: Mapping[str, float], latency: float
) -> Figures:
    cost = cost_of(folder)
    graph = network.manifest.variant(network.precision).graph
    return Figures(
        **reached,
        flops=cost.flops,
        parameters=cost.parameters,
        size_bytes=(folder / graph).stat().st_size,
        latency_ms=latency,
    )


def cost_of(folder: Path) -> Cost:
    """What a saved network costs, by counting."""
    content = manifest.read(folder)
    network = artifacts.rebuild(content.architecture, content.widths)
    return count(network, takes(content.architecture))


def _spread(train: Images) -> Images:
    """Evenly drawn images: a training split may be sorted by class."""
    places = np.linspace(0, len(train) - 1, min(CALIBRATION_IMAGES, len(train)), dtype=np.int64)
    return train.take(places)


def inscribe(folder: Path, figures: AnyFigures, dense: AnyFigures) -> None:
    """Write the figures into the model's own manifest, and those of its dense parent."""
    content = manifest.read(folder)
    manifest.write(folder, content.model_copy(update={"figures": figures, "dense_figures": dense}))


def _admit_int8(
    gate: PublishSpec, folder: Path, dense: Figures, figures: Figures
) -> EvaluatedVariant:
    """Write the int8 figures into the model's manifest, or take that variant out of it."""
    misses = failures(gate, dense, figures)
    if misses:
        artifacts.drop_int8(folder)
    else:
        content = manifest.read(folder)
        variants = {"int8": Variant(graph=manifest.INT8_GRAPH, figures=figures)}
        manifest.write(folder, content.model_copy(update={"variants": variants}))
    return EvaluatedVariant(figures=figures, failures=misses)
