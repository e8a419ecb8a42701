"""Figures of a dense generator and of the compressed ones, side by side."""

from __future__ import annotations

from search.reports.document import Table, Tile
from search.reports.figures import COSTS, costs, ratios, target_name
from secateur.records import EvaluatedGenerator, GenerativeEvaluation, GeneratorFigures

_QUALITIES = ("distance", "kernel distance", "coverage")


def models(evaluation: GenerativeEvaluation) -> tuple[EvaluatedGenerator, ...]:
    """The dense generator, then the compressed ones."""
    return (evaluation.dense, *evaluation.compressed)


def names(evaluation: GenerativeEvaluation) -> list[str]:
    """Of ``models``; a star marks the one put forward, where there is a choice."""
    return [
        target_name(model.target) + " *" * (place == evaluation.chosen)
        for place, model in enumerate(models(evaluation), start=-1)
    ]


def table(evaluation: GenerativeEvaluation) -> Table:
    """A row a generator; the chosen one is marked."""
    dense = evaluation.dense.figures
    rows = [("dense", *_qualities(dense), *costs(dense))]
    for name, model in zip(names(evaluation)[1:], evaluation.compressed, strict=True):
        changes = zip(costs(model.figures), ratios(model.figures, dense), strict=True)
        told = (f"{cost} ({ratio - 1:+.0%})" for cost, ratio in changes)
        rows.append((name, *_qualities(model.figures), *told))
    marked = () if evaluation.chosen is None else (1 + evaluation.chosen,)
    return Table(("", *_QUALITIES, *COSTS), tuple(rows), marked=marked)


def further(evaluation: GenerativeEvaluation) -> Table | None:
    """A row a further measure, a column a generator; nothing where there is none."""
    measured = [model.figures.likeness.figures for model in models(evaluation)]
    if not measured[0]:
        return None
    rows = (
        (measure.replace("_", " "), *(_further(figures.get(measure)) for figures in measured))
        for measure in measured[0]
    )
    return Table(("Further measures", *names(evaluation)), tuple(rows))


def tiles(evaluation: GenerativeEvaluation) -> tuple[Tile, ...]:
    """The figures of the generator that is put forward, against those of the dense one."""
    dense, champion = evaluation.dense.figures, evaluation.champion.figures
    titles = ("distance", "coverage", *COSTS)
    values = (_distance(champion), f"{champion.likeness.coverage:.1%}", *costs(champion))
    if evaluation.chosen is None:
        return tuple(Tile(*pair) for pair in zip(titles, values, strict=True))
    points = 100 * (champion.likeness.coverage - dense.likeness.coverage)
    changes = [f"dense {_distance(dense)}", f"{points:+.1f} points"]
    changes += [f"{ratio - 1:+.0%}" for ratio in ratios(champion, dense)]
    return tuple(Tile(*cells) for cells in zip(titles, values, changes, strict=True))


def _qualities(figures: GeneratorFigures) -> tuple[str, ...]:
    likeness = figures.likeness
    mark = ", collapsed" if likeness.collapsed else ""
    return (
        f"{_distance(figures)}{mark}",
        f"{likeness.kernel_distance:.4f}",
        f"{likeness.coverage:.1%}",
    )


def _further(value: float | None) -> str:
    return "" if value is None else f"{value:.3g}"


def _distance(figures: GeneratorFigures) -> str:
    return f"{figures.likeness.distance:.3g}"
