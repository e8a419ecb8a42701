"""Trials by their numbers."""

from __future__ import annotations

from ray.tune.experiment import Trial


def number_of(trial: Trial) -> int:
    """Position of a trial in its search, from 0.

    Its place in Tune's list is another one once a trial was tried again or a search restored.
    """
    return int(trial.experiment_tag.partition("_")[0]) - 1
