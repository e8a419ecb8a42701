"""Agents' rewards from fewer images for candidates that will hardly be among the best."""

from __future__ import annotations

import math

from agents.judge import Judge
from agents.rewards import Widths

DOUBT = 0.01
"""Chance, at most, that a candidate is given up that would have been among the best."""


class Race:
    """A judge's rewards, cut short where a candidate falls behind.

    A race in the sense of Maron & Moore 1994 ("Hoeffding races"), with Serfling's 1974
    bound: images are judged in random order without replacement, so with ``right`` of
    ``seen`` out of N answered rightly the accuracy on all N lies above

        right / seen + sqrt((1 - (seen - 1) / N) · ln(1 / d) / (2 seen))

    with probability d at most; d is ``DOUBT`` shared out over the batches.  A candidate is
    given up after a batch when its reward at this bound is below the ``places``-th best so
    far, and its reward is then that of the accuracy on the images seen.  That is an
    estimate of the whole, coarser for worse candidates, and always below the reward that it
    could not reach: no candidate that was given up is ever among the best.

    Args:
        judge: measures accuracies; its images must be in random order, as splits are.
        places: candidates that are to be judged in full, at least 1.
    """

    def __init__(self, judge: Judge, places: int) -> None:
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
        right, seen = 0, 1
        for right, seen in judge.tallies(widths):
            most = bound(right, seen, judge.images, DOUBT / judge.batches)
            if judge.worth(most, widths) < bar:
                break
        return judge.worth(right / seen, widths)

    def _bar(self) -> float:
        best = sorted(self._rewards.values(), reverse=True)[: self._places]
        return best[-1] if len(best) == self._places else -math.inf


def bound(right: int, seen: int, images: int, doubt: float) -> float:
    """The accuracy on all images is above this with probability ``doubt`` at most.

    Serfling 1974, "Probability inequalities for the sum in sampling without replacement",
    corollary 1.1, and never above what the images still to come allow.

    Args:
        right: answers among those seen.
        seen: images, drawn at random.
        images: in all.
        doubt: in (0, 1).
    """
    unseen = 1 - (seen - 1) / images
    likely = right / seen + math.sqrt(unseen * math.log(1 / doubt) / (2 * seen))
    return min(likely, (right + images - seen) / images)
