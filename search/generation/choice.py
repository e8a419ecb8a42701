"""Which trial of a generative search wins."""

from __future__ import annotations

from collections.abc import Sequence
from math import inf

from secateur.records import GenerativeTrial


def choose(trials: Sequence[GenerativeTrial]) -> GenerativeTrial:
    """The finished trial of the least distance, of equals the one with the fewest FLOPs.

    One that has collapsed does not win while another is left: a distance of means and
    covariances forgives a generator that makes few images well.

    Args:
        trials: of which at least one finished.
    """
    return min((trial for trial in trials if trial.status == "finished"), key=rank)


def rank(trial: GenerativeTrial) -> tuple[bool, float, int, int]:
    """Of a trial among those that were judged; the best has the least."""
    likeness = trial.likeness
    distance = inf if likeness is None else likeness.distance
    collapsed = likeness is not None and likeness.collapsed
    return collapsed, distance, trial.flops or 0, trial.number
