"""How much of the accuracy each dimension of a search explains."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

import numpy as np
import optuna
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from optuna.importance import FanovaImportanceEvaluator, get_param_importances
from optuna.trial import FrozenTrial

from search.history import observed
from search.pictures.look import PALETTE, fence
from search.pictures.trials import accuracies, families
from secateur.records import SearchResult, TrialRecord
from secateur.spec import JobSpec

LEAST = 10
"""With fewer trials a share of the variance is noise."""

PANELS = 3
"""Families that are shown, those with the most trials."""

ALL = "all families"


def importance(spec: JobSpec, searched: SearchResult) -> Figure | None:
    """Bars: each dimension's share of the variance of the accuracy, by fANOVA (Hutter et al. 2014).

    One panel for the choice between families with the recipe, and one a family, since a
    dimension of one family says nothing about another. Trials that were stopped early count
    with the accuracy that they had, failures with that of the fence: one diverged
    training would make up the whole variance.

    Returns:
        Nothing where fewer than ``LEAST`` trials can be compared.
    """
    groups = _groups([point for _, point in points(spec, searched)])
    panels = {name: found for name, group in groups.items() if (found := shares(group))}
    if not panels:
        return None
    rows = max(map(len, panels.values()))
    figure = Figure((8, 1.2 + 0.28 * rows), layout="constrained")
    colours = dict(zip(families(searched), PALETTE * 2, strict=False))
    grid = figure.subplots(1, len(panels), squeeze=False)[0]
    for axes, (name, found) in zip(grid, panels.items(), strict=True):
        _bars(axes, found, colours.get(name, PALETTE[-1]))
        axes.set_title(f"{name}, {len(groups[name])} trials", fontsize=9)
    figure.suptitle("What the accuracy depends on", x=0.01, ha="left", fontsize=11)
    figure.supxlabel("share of the variance, %", fontsize=9)
    return figure


def points(spec: JobSpec, searched: SearchResult) -> list[tuple[TrialRecord, FrozenTrial]]:
    """Every trial that reached an accuracy, and how Optuna has it; failures at the fence."""
    reached = [trial for trial in searched.trials if trial.accuracy is not None]
    least = fence(accuracies(reached)) / 100 if reached else 0.0
    found = ((trial, observed(spec, trial, [max(least, trial.accuracy or 0)])) for trial in reached)
    return [(trial, point) for trial, point in found if point is not None]


def shares(trials: Sequence[FrozenTrial]) -> dict[str, float]:
    """Share of the variance by dimension, the largest first; none where all did as well.

    Only dimensions that all the trials have are compared.
    """
    study = optuna.create_study(direction="maximize")
    study.add_trials(trials)
    common = set.intersection(*(set(trial.params) for trial in trials))
    varied = sorted(name for name in common if len({trial.params[name] for trial in trials}) > 1)
    if not varied or len({trial.value for trial in trials}) == 1:
        return {}
    return get_param_importances(study, evaluator=FanovaImportanceEvaluator(seed=0), params=varied)


def _groups(trials: Sequence[FrozenTrial]) -> dict[str, list[FrozenTrial]]:
    """Trials that can be compared: all of them, and those of each family."""
    by_family: dict[str, list[FrozenTrial]] = defaultdict(list)
    for trial in trials:
        by_family[trial.params["network"]].append(trial)
    groups = {ALL: list(trials)} if len(by_family) > 1 else {}
    most = sorted(by_family, key=lambda family: -len(by_family[family]))[:PANELS]
    groups |= {family: by_family[family] for family in sorted(most)}
    return {name: group for name, group in groups.items() if len(group) >= LEAST}


def _bars(axes: Axes, found: dict[str, float], colour: str) -> None:
    names = [name.rpartition("/")[2].replace("_", " ") for name in found]
    bars = axes.barh(np.arange(len(found)), [100 * share for share in found.values()], 0.7,
                     color=colour)  # fmt: skip
    axes.bar_label(bars, fmt="%.0f", padding=2, fontsize=7)
    axes.set_yticks(np.arange(len(found)), names)
    axes.invert_yaxis()
    axes.grid(visible=False, axis="y")
    axes.margins(x=0.15)
