"""What the dense network and the compressed ones cost."""

from __future__ import annotations

from collections.abc import Sequence

from matplotlib.axes import Axes

from search.pictures.look import PAPER, SMALL, canvas
from search.pictures.networks import Shown, shown
from search.pictures.sketch import Sketch
from search.reports.figures import COSTS, costs
from secateur.records import Evaluation, ServedCost


def dense_against_compressed(evaluation: Evaluation, score: str) -> Sketch:
    """The score of each network as a dot, and a bar for each of its costs."""
    title = "Dense against compressed"
    networks = shown(evaluation)
    figure, (row,) = canvas(title, 0.8 + 0.3 * len(networks), columns=1 + len(COSTS), sharey=True)
    _scores(row[0], networks)
    row[0].set_title(f"test {score}")
    bars(
        row[1:],
        [one.figures for one in networks],
        [one.ink for one in networks],
        [one.ink if one.exact else PAPER for one in networks],
    )
    name_rows(row, [one.name for one in networks])
    champion, dense = evaluation.champion.figures, evaluation.dense.figures
    says = (
        f"Test {score} and costs of each network; the one put forward reaches "
        f"{champion.accuracy:.2%} after {dense.accuracy:.2%}, with "
        f"{champion.flops / dense.flops:.0%} of the FLOPs, "
        f"{champion.parameters / dense.parameters:.0%} of the parameters and "
        f"{champion.latency_ms / dense.latency_ms:.0%} of the latency."
    )
    return Sketch("dense-against-compressed", title, says, figure)


def bars(
    row: Sequence[Axes], figures: Sequence[ServedCost], inks: Sequence[str], faces: Sequence[str]
) -> None:
    """A panel for each of ``COSTS``, in it a bar a network, the dense one first."""
    written = list(zip(*map(costs, figures), strict=True))
    for axes, (name, field), told in zip(row, COSTS.items(), written, strict=True):
        _bars(axes, [float(getattr(one, field)) for one in figures], told, inks, faces)
        axes.set_title(name)


def name_rows(row: Sequence[Axes], names: Sequence[str]) -> None:
    """Write before the rows of panels that share their y axis what they are, and no more."""
    row[0].set_yticks(range(len(names)), list(names))
    row[0].invert_yaxis()
    for axes in row:
        axes.grid(visible=False)
        axes.tick_params(length=0)
        axes.set_xticks([])
        axes.spines["bottom"].set_visible(False)


def _scores(axes: Axes, networks: Sequence[Shown]) -> None:
    """Dots, since on an axis that does not begin at 0 the lengths of bars would lie."""
    for row, one in enumerate(networks):
        place = (100 * one.figures.accuracy, row)
        axes.plot(*place, "o", color=one.ink, markersize=6,
                  markerfacecolor=one.ink if one.exact else PAPER)  # fmt: skip
        axes.annotate(f"{one.figures.accuracy:.2%}", place, (6, 0), textcoords="offset points",
                      va="center", fontsize=SMALL)  # fmt: skip
    scores = [100 * one.figures.accuracy for one in networks]
    span = max(max(scores) - min(scores), 1.0)
    # Room for what is written beside the best.
    axes.set_xlim(min(scores) - 0.3 * span, max(scores) + 2.2 * span)


def _bars(
    axes: Axes,
    values: Sequence[float],
    told: Sequence[str],
    inks: Sequence[str],
    faces: Sequence[str],
) -> None:
    """Bars with what the report says of each, and the change against the first."""
    changes = ["", *(f" ({value / values[0] - 1:+.0%})" for value in values[1:])]
    drawn = axes.barh(range(len(values)), values, 0.66, color=faces, edgecolor=inks)
    labels = [f"{amount}{change}" for amount, change in zip(told, changes, strict=True)]
    axes.bar_label(drawn, labels, padding=3, fontsize=SMALL)
    # Room for what is written beside the longest.
    axes.set_xlim(0, 2 * max(values))
