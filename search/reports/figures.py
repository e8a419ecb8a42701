"""Figures of a dense network and of its compressed ones, side by side."""

from __future__ import annotations

from search.reports.amounts import bytes_of, percent, quantity
from search.reports.document import Table, Tile
from secateur.records import EvaluatedModel, Evaluation, Figures, ServedCost

COSTS = {
    "FLOPs": "flops",
    "parameters": "parameters",
    "size": "size_bytes",
    "latency": "latency_ms",
}
"""What a network costs, as people call it, and the field of its figures."""


def dense_against_compressed(evaluation: Evaluation) -> Table:
    """A row for the dense network, then one for each compressed one; the chosen one is marked."""
    dense = evaluation.dense.figures
    rows = [("dense", *_absolute(dense))]
    rows += [
        (_label(evaluation, model), *_relative(model.figures, dense))
        for model in evaluation.compressed
    ]
    if evaluation.int8 is not None:
        label = target_name(evaluation.champion.target)
        rows.append((f"{label} int8", *_relative(evaluation.int8.figures, dense)))
    marked = () if evaluation.chosen is None else (1 + evaluation.chosen,)
    return Table(("", *qualities(dense), *COSTS), tuple(rows), marked=marked)


def tiles(evaluation: Evaluation) -> tuple[Tile, ...]:
    """The figures of the model that is put forward, against those of the dense one."""
    dense, champion = evaluation.dense.figures, evaluation.champion.figures
    titles = (qualities(dense)[0], *COSTS)
    values = (f"{champion.accuracy:.2%}", *costs(champion))
    if evaluation.chosen is None:
        return tuple(Tile(*pair) for pair in zip(titles, values, strict=True))
    changes = [f"{points(champion, dense)} points"]
    changes += [f"{ratio - 1:+.0%}" for ratio in ratios(champion, dense)]
    return tuple(Tile(*cells) for cells in zip(titles, values, changes, strict=True))


def target_name(target: float) -> str:
    """What a network is called by its FLOPs target; 0 is the dense one."""
    return f"FLOPs -{percent(target)}" if target else "dense"


def qualities(figures: Figures) -> tuple[str, ...]:
    """The score, and the errors of a regression."""
    return (figures.score_name, *(() if figures.mse is None else ("MSE", "MAE")))


def points(figures: Figures, dense: Figures) -> str:
    """The score against that of the dense network, in points of a percent."""
    return f"{100 * (figures.accuracy - dense.accuracy):+.2f}"


def costs(figures: ServedCost) -> tuple[str, ...]:
    """In the order of ``COSTS``."""
    return (
        quantity(figures.flops),
        quantity(figures.parameters),
        bytes_of(figures.size_bytes),
        f"{figures.latency_ms:.3f} ms",
    )


def _label(evaluation: Evaluation, model: EvaluatedModel) -> str:
    mark = " *" if model == evaluation.champion else ""
    return f"{target_name(model.target)}{mark}"


def _errors(figures: Figures) -> tuple[str, ...]:
    """Those of a regression."""
    return tuple(f"{error:.4g}" for error in (figures.mse, figures.mae) if error is not None)


def _absolute(figures: Figures) -> tuple[str, ...]:
    return (f"{figures.accuracy:.2%}", *_errors(figures), *costs(figures))


def ratios(figures: ServedCost, dense: ServedCost) -> tuple[float, ...]:
    """Costs as shares of the dense network's, in the order of ``COSTS``."""
    return tuple(getattr(figures, field) / getattr(dense, field) for field in COSTS.values())


def _relative(figures: Figures, dense: Figures) -> tuple[str, ...]:
    changes = [
        f"{cost} ({ratio - 1:+.0%})"
        for cost, ratio in zip(costs(figures), ratios(figures, dense), strict=True)
    ]
    return (f"{figures.accuracy:.2%} ({points(figures, dense)})", *_errors(figures), *changes)
