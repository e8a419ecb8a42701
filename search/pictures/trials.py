"""What a search tried, and what came of it."""

from __future__ import annotations

from collections.abc import Sequence

from matplotlib.figure import Figure

from search.pictures.look import INK, PALETTE, fence, legend, tell_below
from secateur.records import SearchResult, TrialRecord


def trials(searched: SearchResult) -> Figure:
    """Accuracy of every trial in the order of the search, one colour a family."""
    figure = Figure((8, 3.3), layout="constrained")
    axes = figure.subplots()
    reached = accuracies(searched.trials)
    least = fence(reached)
    for place, family in enumerate(families(searched)):
        for status, marker in (("finished", "o"), ("stopped", "x")):
            chosen = [
                trial
                for trial in searched.trials
                if (trial.architecture.name, trial.status) == (family, status)
            ]
            axes.plot(
                [trial.number for trial in chosen],
                [max(least, 100 * (trial.accuracy or 0)) for trial in chosen],
                marker,
                color=PALETTE[place % len(PALETTE)],
                label=f"{family}, {status}" if chosen else None,
            )
    tell_below(axes, least, reached)
    axes.set(xlabel="trial", ylabel="validation accuracy, %", title="What the search tried")
    legend(figure, axes)
    return figure


def costs(searched: SearchResult) -> Figure | None:
    """Accuracy of every finished trial against its FLOPs, with the front and the winner.

    Returns:
        Nothing where the front is empty: none as accurate as asked for, or an older record.
    """
    if not searched.front:
        return None
    figure = Figure((8, 3.3), layout="constrained")
    axes = figure.subplots()
    finished = [trial for trial in searched.trials if trial.status == "finished"]
    reached = accuracies(finished)
    least = fence(reached)
    for place, family in enumerate(families(searched)):
        chosen = [trial for trial in finished if trial.architecture.name == family]
        axes.plot(*_outcomes(chosen, least), "o", color=PALETTE[place % len(PALETTE)], label=family)
    ahead = [searched.trials[number] for number in searched.front]
    axes.plot(
        *_outcomes(ahead, least),
        color=INK,
        linewidth=1,
        drawstyle="steps-post",
        label="front",
        zorder=1,
    )
    axes.plot(
        *_outcomes([searched.best], least),
        "o",
        color=INK,
        markersize=11,
        fillstyle="none",
        label="winner",
    )
    tell_below(axes, least, reached)
    axes.set(
        xscale="log", xlabel="FLOPs", ylabel="validation accuracy, %",
        title="What the finished trials cost and reach",
    )  # fmt: skip
    legend(figure, axes)
    return figure


def families(searched: SearchResult) -> list[str]:
    """The families that were tried, in the order of their colours."""
    return sorted({trial.architecture.name for trial in searched.trials})


def accuracies(trials: Sequence[TrialRecord]) -> list[float]:
    """In %, of the trials that reached one."""
    return [100 * trial.accuracy for trial in trials if trial.accuracy is not None]


def _outcomes(trials: Sequence[TrialRecord], least: float) -> tuple[list[int], list[float]]:
    """FLOPs, and accuracies in %."""
    reached = [max(least, 100 * (trial.accuracy or 0)) for trial in trials]
    return [trial.flops or 0 for trial in trials], reached
