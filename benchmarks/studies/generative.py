"""Rows of the generative studies: one training each, its images judged beside test images."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache, partial
from time import process_time

from benchmarks.studies.study import Figures, Metric, Row
from search.home import Home
from secateur import data
from secateur.data import Dataset
from secateur.errors import StageError
from secateur.judging.features import features_for
from secateur.judging.judge import Further, LikenessJudge
from secateur.judging.microstructures.measures import measures_of
from secateur.records import Architecture, GenerativeMetrics, GenerativeRecipe, Scalar
from secateur.spec import DataSpec
from secateur.training.generative import GenerativeModel, begin, sample, train

ENDLESS = 1_000_000
"""Steps of a training that ends by its time."""

_JUDGED = 0  # seed of the splits, the features and the noise that is judged

DISTANCE = Metric("distance", "Distance", 1, 2)
COVERAGE = Metric("coverage", "Coverage, %", 100, 1)
COLLAPSED = Metric("collapsed", "Collapsed, share of seeds", 1, 1)
SECONDS = Metric("seconds", "CPU seconds", 1, 0)
STEPS = Metric("steps", "Steps", 1, 0)
BRIGHTNESS = Metric("brightness", "Brightness, %", 100, 1)
PER_STEP = Metric("milliseconds", "CPU ms a step", 1, 1)
LIKENESS = (DISTANCE, COVERAGE, COLLAPSED)


@dataclass(frozen=True)
class Setting:
    """One training.

    Attributes:
        family: of the networks.
        arguments: of the family.
        recipe: its seed is the row's.
        data: to learn from and to be judged by.
    """

    family: str
    arguments: tuple[tuple[str, Scalar], ...]
    recipe: GenerativeRecipe
    data: DataSpec

    def but(self, recipe: Mapping[str, Scalar] | None = None, /, **arguments: Scalar) -> Setting:
        """The same with other values in its recipe, or other arguments of its networks."""
        return Setting(
            self.family,
            tuple((dict(self.arguments) | arguments).items()),
            GenerativeRecipe.model_validate(self.recipe.model_dump() | dict(recipe or {})),
            self.data,
        )


@dataclass(frozen=True)
class Case:
    """A row to be: its training, and what the source says in words.

    Attributes:
        setting: to play.
        claim: of the source.
    """

    setting: Setting
    claim: str = ""


def rows(cases: Mapping[str, Case]) -> tuple[Row, ...]:
    """A row a training, judged at its end."""
    return tuple(
        Row(name, partial(at_end, case.setting), {}, case.claim) for name, case in cases.items()
    )


def course(
    setting: Setting, by: str, points: Mapping[float, str], name: str = "{}"
) -> tuple[Row, ...]:
    """A row a point in the course of one training.

    Args:
        setting: its recipe reports once an interval, and is cut off behind the last point.
        by: ``step`` or ``seconds``: what points are in.
        points: with what the source says of each; each shows the first report at it or after.
        name: of the rows, with the point in it.
    """
    shown = tuple(sorted(points))
    return tuple(
        Row(name.format(f"{point:g}"), partial(_point, setting, by, shown, point), {}, claim)
        for point, claim in points.items()
    )


@cache
def dataset(spec: DataSpec) -> Dataset:
    """The data of a study, read once; the same splits for every seed."""
    return data.load(spec, _JUDGED)


@cache
def judge(spec: DataSpec) -> LikenessJudge:
    """Of test images, by features of the training split, which are kept in the home."""
    content = dataset(spec)
    features = features_for(content.development, Home.find().folder / "judges", _JUDGED)
    return LikenessJudge(features, content.test.tensors()[0], further=_further(spec))


def _further(spec: DataSpec) -> Further | None:
    """Measures of this kind of data beside the likeness."""
    if spec.kind != "microstructures":
        return None
    return measures_of(dataset(spec).development)


@cache
def at_end(setting: Setting, seed: int) -> Figures:
    """Figures of a whole training, which is played once where several tables show it."""
    *_, (report, model) = _training(setting, seed)
    return _figures(setting, report, model)


def _point(setting: Setting, by: str, shown: tuple[float, ...], point: float, seed: int) -> Figures:
    return _course(setting, by, shown, seed)[point]


@cache
def _course(
    setting: Setting, by: str, shown: tuple[float, ...], seed: int
) -> Mapping[float, Figures]:
    found: dict[float, Figures] = {}
    for report, model in _training(setting, seed):
        reached = [point for point in shown if getattr(report, by) >= point and point not in found]
        if reached:
            found |= dict.fromkeys(reached, _figures(setting, report, model))
    return found


def _training(setting: Setting, seed: int) -> Iterator[tuple[GenerativeMetrics, GenerativeModel]]:
    """Each report, and the model as it then is; that of one that diverged is the last."""
    recipe, content = setting.recipe.model_copy(update={"seed": seed}), dataset(setting.data)
    architecture = Architecture(
        name=setting.family,
        arguments=dict(setting.arguments),
        input_shape=content.input_shape,
        classes=1,
    )
    model, began = begin(architecture, recipe), process_time()
    try:
        for report in train(model, content.train.tensors()[0], recipe):
            yield report, model
    except StageError:
        model.eval()
        seconds = recipe.seconds or process_time() - began
        yield GenerativeMetrics(step=recipe.steps, losses={}, seconds=seconds, last=True), model


def _figures(setting: Setting, report: GenerativeMetrics, model: GenerativeModel) -> Figures:
    asked = judge(setting.data)
    # What has diverged makes no numbers: a grey image in their place is judged as badly.
    images = sample(model.generator, asked.count, _JUDGED).nan_to_num(0)
    found = asked(images)
    return {
        "distance": found.distance,
        "kernel_distance": found.kernel_distance,
        "coverage": found.coverage,
        "collapsed": float(found.collapsed),
        "brightness": (images.mean().item() + 1) / 2,
        "steps": float(report.step),
        "seconds": report.seconds,
        "milliseconds": 1000 * report.seconds / report.step,
        **found.figures,
    }
