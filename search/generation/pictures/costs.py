"""How like real images the generators' are, and what they cost."""

from __future__ import annotations

from collections.abc import Sequence

from matplotlib.axes import Axes

from search.generation.results import models, names
from search.pictures.costs import bars, name_rows
from search.pictures.look import GREY, SMALL, canvas, colour
from search.pictures.sketch import Sketch
from search.reports.figures import COSTS
from secateur.records import GenerativeEvaluation


def dense_against_compressed(evaluation: GenerativeEvaluation) -> Sketch:
    """The test distance of each generator as a dot, and a bar for each of its costs."""
    title = "Dense against compressed"
    figures = [model.figures for model in models(evaluation)]
    figure, (row,) = canvas(title, 0.8 + 0.3 * len(figures), columns=1 + len(COSTS), sharey=True)
    inks = [GREY, *(colour(place) for place in range(len(evaluation.compressed)))]
    _distances(row[0], [one.likeness.distance for one in figures], inks)
    row[0].set_title("test distance")
    bars(row[1:], figures, inks, inks)
    name_rows(row, names(evaluation))
    champion, dense = evaluation.champion.figures, evaluation.dense.figures
    says = (
        "Fréchet distance on the test split and costs of each generator; the one put forward "
        f"reaches {champion.likeness.distance:.3g} after {dense.likeness.distance:.3g}, with "
        f"{champion.flops / dense.flops:.0%} of the FLOPs, "
        f"{champion.parameters / dense.parameters:.0%} of the parameters and "
        f"{champion.latency_ms / dense.latency_ms:.0%} of the latency."
    )
    return Sketch("dense-against-compressed", title, says, figure)


def _distances(axes: Axes, distances: Sequence[float], inks: Sequence[str]) -> None:
    for row, (distance, ink) in enumerate(zip(distances, inks, strict=True)):
        axes.plot(distance, row, "o", color=ink, markersize=6)
        axes.annotate(f"{distance:.3g}", (distance, row), (6, 0), textcoords="offset points",
                      va="center", fontsize=SMALL)  # fmt: skip
    # Room for what is written beside the largest.
    axes.set_xlim(0, 1.9 * max(*distances, 1e-9))
