"""Which of a search's networks no other beats, and which of them wins."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from agents.pareto import is_non_dominated
from secateur.gate import ROUNDING
from secateur.records import TrialRecord
from secateur.spec import SearchSpec


def front(spec: SearchSpec, trials: Sequence[TrialRecord]) -> tuple[TrialRecord, ...]:
    """The finished trials that no other beats in both accuracy and FLOPs, fewest FLOPs first.

    A trial that was stopped early had less time, so it neither enters nor beats any. Of
    several with equal accuracy and FLOPs the first stands for all.

    Args:
        spec: trials below its ``min_accuracy`` stay out.
        trials: in any state.
    """
    found: dict[tuple[int, float], TrialRecord] = {}
    for trial in trials:
        accuracy, flops = trial.accuracy, trial.flops
        if trial.status != "finished" or accuracy is None or flops is None:
            continue
        if accuracy >= spec.min_accuracy:
            found.setdefault((flops, accuracy), trial)
    if not found:
        return ()
    ahead = is_non_dominated(np.array([(accuracy, -flops) for flops, accuracy in found]))
    # In the order of their keys, which no two share.
    return tuple(found[key] for key, stays in sorted(zip(found, ahead, strict=True)) if stays)


def choose(spec: SearchSpec, trials: Sequence[TrialRecord]) -> TrialRecord:
    """The cheapest trial on the front that lacks at most ``max_accuracy_drop`` to the best.

    With no drop allowed that is the most accurate one, and of equals the one with the fewest
    FLOPs. Where none reaches ``min_accuracy`` the most accurate one that finished wins.

    Args:
        spec: of the search.
        trials: of which at least one finished.
    """
    ahead = front(spec, trials)
    if not ahead:
        finished = [trial for trial in trials if trial.status == "finished"]
        return max(finished, key=lambda trial: (trial.accuracy or 0.0, -trial.number))
    least = max(trial.accuracy or 0.0 for trial in ahead) - spec.max_accuracy_drop - ROUNDING
    return next(trial for trial in ahead if (trial.accuracy or 0.0) >= least)
