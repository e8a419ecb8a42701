"""What the evaluated networks give up in their score for what they save."""

from __future__ import annotations

from collections.abc import Sequence

from matplotlib.axes import Axes
from matplotlib.ticker import FuncFormatter

from search.pictures.look import INK, SMALL, canvas, percents
from search.pictures.networks import Shown, shown
from search.pictures.sketch import Sketch
from search.reports.amounts import quantity
from secateur.records import Evaluation

PANELS = {"FLOPs for one image": "flops", "latency of one image, ms": "latency_ms"}
"""What is saved, and the field of its figures."""


def tradeoff(evaluation: Evaluation, score: str) -> Sketch:
    """Test score against FLOPs and against latency, a dot a network."""
    title = "Score against cost on the test split"
    figure, (row,) = canvas(title, 3.2, columns=len(PANELS), sharey=True)
    for axes, (label, field) in zip(row, PANELS.items(), strict=True):
        _panel(axes, shown(evaluation), field)
        axes.set_xlabel(label)
        axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: quantity(value)))
    row[0].set_ylabel(f"test {score}")
    percents(row[0].yaxis)
    row[0].margins(y=0.25)
    champion, dense = evaluation.champion.figures, evaluation.dense.figures
    says = (
        f"Test {score} of each network against its FLOPs and its latency: the dense one takes "
        f"{quantity(dense.flops)} FLOPs and {dense.latency_ms:.3f} ms, the one put forward "
        f"{quantity(champion.flops)} and {champion.latency_ms:.3f} ms."
    )
    return Sketch("score-against-cost", title, says, figure)


def _panel(axes: Axes, networks: Sequence[Shown], field: str) -> None:
    places = [(getattr(one.figures, field), 100 * one.figures.accuracy) for one in networks]
    exact = sorted(place for place, one in zip(places, networks, strict=True) if one.exact)
    axes.plot(*zip(*exact, strict=True), color=INK, linewidth=0.8, zorder=1)
    for place, one in zip(places, networks, strict=True):
        axes.plot(*place, "o", color=one.ink, markersize=7 if one.exact else 11,
                  fillstyle="full" if one.exact else "none")  # fmt: skip
        # The line comes from the lower left and leaves to the upper right.
        axes.annotate(
            one.name.removeprefix("FLOPs ") if one.exact else "int8",
            place,
            (5, -12) if one.exact else (-7, 7),
            textcoords="offset points",
            ha="left" if one.exact else "right",
            fontsize=SMALL,
        )
    axes.set_xlim(0, 1.15 * max(cost for cost, _ in places))
