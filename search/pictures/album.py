"""Every picture of a job."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import matplotlib as mpl
from matplotlib.figure import Figure

from search.pictures import costs, pruning, trials
from search.pictures.importance import importance
from search.pictures.look import LOOK
from search.pictures.parallel import parallel
from secateur.records import Evaluation, PruningResult, SearchResult
from secateur.spec import JobSpec


def draw(
    spec: JobSpec,
    searched: SearchResult,
    pruned: Sequence[PruningResult],
    evaluation: Evaluation,
    folder: Path,
) -> list[Path]:
    """Draw every picture of a job into ``folder``.

    Those of pruning need a pruned network, those of the dimensions enough trials.

    Returns:
        The files, in the order in which they are best looked at.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with mpl.rc_context(LOOK):
        pictures = _cuts(pruned, evaluation) if pruned else {}
        pictures |= {
            "search": trials.trials(searched),
            "search-costs": trials.costs(searched),
            "search-importance": importance(spec, searched),
            "search-parallel": parallel(spec, searched),
        }
        drawn = {name: figure for name, figure in pictures.items() if figure is not None}
        for name, figure in drawn.items():
            figure.savefig(folder / f"{name}.png")
    return [folder / f"{name}.png" for name in drawn]


def _cuts(pruned: Sequence[PruningResult], evaluation: Evaluation) -> dict[str, Figure | None]:
    """What was cut and what it cost, where anything was."""
    return {
        "dense-against-compressed": costs.dense_against_compressed(evaluation),
        "rewards": pruning.rewards(pruned),
        "front": pruning.front(pruned),
        "channels": pruning.channels(pruned),
    }
