"""Rows of a study from a preset: every point of its grid, trained and judged on test images."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Mapping
from functools import cache, partial

import numpy as np
from torch import nn

from benchmarks.studies.study import Figures, Row
from search import presets
from search.space import Point, realise
from secateur import data
from secateur.data import Dataset
from secateur.errors import StageError
from secateur.models import build
from secateur.records import Recipe
from secateur.spaces import Frozen, dimensions
from secateur.spec import DataSpec, JobSpec, load
from secateur.training.evaluation import logits
from secateur.training.supervised import train

Judge = Callable[[nn.Module, Dataset], Figures]
Split = Callable[[nn.Module, Dataset], Mapping[str, Figures]]
Change = Callable[[nn.Module], object]
Published = Mapping[str, Figures]


@cache
def job(preset: str) -> JobSpec:
    """The job of a preset."""
    return load(presets.file(preset))


@cache
def dataset(spec: DataSpec, seed: int) -> Dataset:
    """The data of a job, read once."""
    return data.load(spec, seed)


def rows(preset: str, judge: Judge, published: Published) -> tuple[Row, ...]:
    """A row a point of the preset's grid, named by what varies; its only point by the preset.

    Args:
        preset: the job.
        judge: measures a trained network.
        published: figures in print by the name of the row.
    """
    found = tuple(
        Row(name or preset, partial(_play, preset, point, judge), published.get(name or preset, {}))
        for name, point in _points(job(preset))
    )
    missing = set(published) - {row.name for row in found}
    assert not missing, f"{preset} has no rows {missing}"
    return found


def curve(preset: str, judge: Judge, epochs: Mapping[int, Figures]) -> tuple[Row, ...]:
    """A row an epoch of a preset's single point, all of one training.

    Args:
        preset: the job.
        judge: measures the network after an epoch.
        epochs: to show, with the figures in print.
    """
    shown = tuple(epochs)
    return tuple(
        Row(str(epoch), partial(_at, preset, judge, shown, epoch), known)
        for epoch, known in epochs.items()
    )


def _at(preset: str, judge: Judge, shown: tuple[int, ...], epoch: int, seed: int) -> Figures:
    return _curve(preset, judge, shown, seed)[epoch]


@cache
def _curve(preset: str, judge: Judge, shown: tuple[int, ...], seed: int) -> dict[int, Figures]:
    ((_, point),) = _points(job(preset))
    found = {}
    for epoch, network, content in _train(preset, point, seed):
        if epoch in shown:
            found[epoch] = judge(network, content)
    return found


def parts(preset: str, split: Split, names: tuple[str, ...]) -> tuple[Row, ...]:
    """A row a part of what ``split`` finds of a preset's single point, all of one training.

    Args:
        preset: the job.
        split: measures a trained network, part by part.
        names: of the parts.
    """
    return tuple(Row(name, partial(_part, preset, split, name), {}) for name in names)


def begun(preset: str, name: str, judge: Judge, change: Change) -> Row:
    """A row of a preset's single point whose training begins with other weights.

    Args:
        preset: the job.
        name: of the row.
        judge: measures the trained network.
        change: is done in place to the network before its training.
    """
    return Row(name, partial(_begun, preset, judge, change), {})


def _begun(preset: str, judge: Judge, change: Change, seed: int) -> Figures:
    ((_, point),) = _points(job(preset))
    return judge(*_trained(preset, point, seed, change))


def _part(preset: str, split: Split, name: str, seed: int) -> Figures:
    return _parts(preset, split, seed)[name]


@cache
def _parts(preset: str, split: Split, seed: int) -> Mapping[str, Figures]:
    ((_, point),) = _points(job(preset))
    return split(*_trained(preset, point, seed))


def _play(preset: str, point: Point, judge: Judge, seed: int) -> Figures:
    return judge(*_trained(preset, point, seed))


def _trained(
    preset: str, point: Point, seed: int, change: Change | None = None
) -> tuple[nn.Module, Dataset]:
    for epoch, network, content in _train(preset, point, seed):
        if change is not None and epoch == 0:
            change(network)
        last = network, content
    return last


def _train(preset: str, point: Point, seed: int) -> Iterator[tuple[int, nn.Module, Dataset]]:
    """The network before its training, as epoch 0, and after each epoch that went well."""
    spec = job(preset)
    content = dataset(spec.data, seed)
    architecture, recipe = realise(spec, point, content.input_shape, content.outputs)
    recipe = Recipe.model_validate(recipe.model_dump() | {"seed": seed})
    network = build(architecture, seed)
    yield 0, network, content
    try:
        for metrics in train(network, content.development, recipe):
            yield metrics.epoch, network, content
    except StageError:
        return  # what diverged is judged as it then is


def _points(spec: JobSpec) -> list[tuple[str, Point]]:
    """Names and points of a grid; dimensions that do not vary are left to the spec."""
    found: list[tuple[str, Point]] = []
    for space in spec.search.networks:
        for network in _choices(space):
            for recipe in _choices(spec.search.recipe):
                name = ", ".join(f"{value:g}" if isinstance(value, float) else str(value)
                                 for value in (*network.values(), *recipe.values()))  # fmt: skip
                found.append((name, {"network": space.kind, space.kind: network, "recipe": recipe}))
    return found


def _choices(space: Frozen) -> Iterator[dict[str, object]]:
    lists = {name: value for name, value in dimensions(space).items() if isinstance(value, tuple)}
    for values in itertools.product(*lists.values()):
        yield dict(zip(lists, values, strict=True))


def digits(network: nn.Module, content: Dataset) -> Figures:
    """Accuracy, and the root mean squared error of the predicted digit as a number."""
    outputs = logits(network, content.test, content.mean, content.std).cpu().numpy()
    # Where a network has diverged, numpy's choice among values that are none is 0.
    said, truth = np.nan_to_num(outputs).argmax(axis=1), content.test.labels
    return {
        "accuracy": float((said == truth).mean()),
        "rmse": float(np.sqrt(((said - truth) ** 2).mean())),
    }
