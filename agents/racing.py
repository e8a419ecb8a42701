"""Agents' rewards from fewer images for candidates that will hardly be among the best."""

from __future__ import annotations

import math

from scipy.stats import hypergeom

from agents.judge import Judge
from agents.rewards import Widths

DOUBT = 0.01
"""Chance, at most, that a candidate is given up that would have been among the best."""

LEAST = 0.5
"""Share of the images that every candidate is judged by: what an agent learns from few of them
costs it more than the rest would."""

PLACES = 3
"""Best candidates so far that a new one has to keep up with."""


class Race:
    """A judge's rewards, cut short where a candidate falls behind.

    A race in the sense of Maron & Moore 1994 ("Hoeffding races"), with the exact test in
    place of Hoeffding's inequality: images are judged in random order without replacement,
    so that the right answers among those seen are hypergeometric, see ``bound``.  ``DOUBT``
    is shared out over the batches.  From ``LEAST`` of the images on, a candidate is given up
    after a batch when its reward at the bound is below the ``places``-th best so far, and its
    reward is then that of the accuracy on the images seen.  That is an estimate of the whole,
    coarser for worse candidates, and always below the reward that it could not reach: no
    candidate that was given up is ever among the best.

    Args:
        judge: measures accuracies, of answers that are right or wrong; its images must be
            in random order, as splits are.
        places: candidates that are to be judged in full, at least 1.
    """

    def __init__(self, judge: Judge, places: int = PLACES) -> None:
        assert places >= 1, places
        self._judge, self._places = judge, places
        self._rewards: dict[Widths, float] = {}

    def __call__(self, widths: Widths) -> float:
        """The reward, the same each time for the same widths; raises as the judge does."""
        if widths not in self._rewards:
            self._rewards[widths] = self._run(widths)
        return self._rewards[widths]

    def remember(self, widths: Widths, reward: float) -> None:
        """Take note of a reward from before, as of an interrupted run."""
        self._rewards.setdefault(widths, reward)

    def _run(self, widths: Widths) -> float:
        judge, bar = self._judge, self._bar()
        right, seen = 0.0, 1
        for right, seen in judge.tallies(widths):
            if seen < LEAST * judge.images:
                continue
            most = bound(int(right), seen, judge.images, DOUBT / judge.batches)
            if judge.worth(most, widths) < bar:
                break
        return judge.worth(right / seen, widths)

    def _bar(self) -> float:
        best = sorted(self._rewards.values(), reverse=True)[: self._places]
        return best[-1] if len(best) == self._places else -math.inf


def bound(right: int, seen: int, images: int, doubt: float) -> float:
    """The accuracy on all images is above this with probability ``doubt`` at most.

    The upper end of the exact one-sided confidence interval for a finite population
    (Clopper & Pearson 1934, hypergeometric instead of binomial): were more of the images
    answered rightly, as few as ``right`` among those seen would be less likely than
    ``doubt``.

    Args:
        right: answers among those seen.
        seen: images, drawn at random.
        images: in all.
        doubt: in (0, 1).
    """
    low, high = right, right + images - seen
    while low < high:
        middle = (low + high + 1) // 2
        if hypergeom.cdf(right, images, middle, seen) < doubt:
            high = middle - 1
        else:
            low = middle
    return low / images
