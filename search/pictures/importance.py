"""How much of the score each dimension of a search explains."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

import optuna
from matplotlib.axes import Axes
from optuna.importance import FanovaImportanceEvaluator, get_param_importances
from optuna.trial import FrozenTrial

from search.pictures import words
from search.pictures.look import GREY, SMALL, canvas, colour, note
from search.pictures.points import Points
from search.pictures.sketch import Sketch
from search.pictures.trials import families
from secateur.records import SearchResult

# A study that is made to be looked at is no news.
optuna.logging.set_verbosity(optuna.logging.ERROR)

LEAST = 10
"""With fewer trials a share of the variance is noise."""

PANELS = 3
"""Families that are shown, those with the most trials."""

ALL = "all families"


def importance(points: Points, searched: SearchResult, score: str) -> Sketch | None:
    """Bars: each dimension's share of the variance of the score, by fANOVA (Hutter et al. 2014).

    One panel for the choice between families with the recipe, and one a family, since a
    dimension of one family says nothing about another. Trials that were stopped early count
    with the score that they had, failures with that of the fence: one diverged training would
    make up the whole variance.

    Returns:
        Nothing where fewer than ``LEAST`` trials can be compared.
    """
    groups = _groups([point for _, point in points.pairs])
    panels = {name: found for name, group in groups.items() if (found := shares(group))}
    if not panels:
        return None
    title = f"What the {score} depends on"
    height = 1.2 + 0.26 * max(map(len, panels.values()))
    figure, (row,) = canvas(title, height, columns=len(panels))
    order = families(searched)
    for axes, (name, found) in zip(row, panels.items(), strict=True):
        _bars(axes, found, colour(order.index(name)) if name in order else GREY)
        axes.set_title(f"{name}, {len(groups[name])} trials")
    drawn = f"; {points.drawn}, drawn evenly" if points.drawn else ""
    note(figure, f"share of the variance of the validation {score}, by fANOVA{drawn}")
    first, share = next(iter(next(iter(panels.values())).items()))
    says = (
        f"Share of the variance of the validation {score} over the trials that each dimension "
        f"explains; the first, {_shown(first)}, {share:.0%}."
    )
    return Sketch("search-importance", title, says, figure)


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


def _bars(axes: Axes, found: dict[str, float], ink: str) -> None:
    bars = axes.barh(range(len(found)), list(found.values()), 0.7, color=ink)
    axes.bar_label(bars, [f"{share:.0%}" for share in found.values()], padding=3, fontsize=SMALL)
    axes.set_yticks(range(len(found)), [_shown(name) for name in found])
    axes.set_xticks([])
    axes.tick_params(length=0)
    axes.spines["bottom"].set_visible(False)
    axes.invert_yaxis()
    axes.grid(visible=False)
    axes.margins(x=0.2)


def _shown(name: str) -> str:
    return words.short(name.rpartition("/")[2].replace("_", " "), 20)
