"""What the display and the tracker make of trainings of generators."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from ray.tune.result import TRAINING_ITERATION

from agents import resources
from agents.resources import Need
from search.estimate import StepsLeft
from search.generation import trainable
from search.generation.curves import curve
from search.journal import SearchJournal
from search.live import Live
from search.reports.amounts import percent
from search.status import Activity, Part
from search.watch import TrialWatch
from secateur.records import GenerativeCurve
from secateur.tracking import names

FIRST = 0
"""The step before the first, which what never changes is noted at."""


class DistanceWatch(TrialWatch):
    """As ``TrialWatch``, with this difference: the best trial is the one of the least distance."""

    percent = False

    def _score(self, result: dict[str, Any]) -> float | None:
        score = result.get(trainable.SCORE)
        return None if score is None else -score

    def _beats(self, score: float, best: float) -> bool:
        return score < best


class GenerativeJournal(SearchJournal):
    """As ``SearchJournal``, with this difference: steps are the generator's, not epochs."""

    def _steps(self, result: dict[str, Any]) -> Iterator[tuple[int, dict[str, float]]]:
        if result[TRAINING_ITERATION] == 1:
            yield FIRST, {names.FLOPS: result[trainable.FLOPS]}
        yield from steps(curve(FIRST, [result]))


def steps(going: GenerativeCurve) -> Iterator[tuple[int, dict[str, float]]]:
    """The metrics of a training, in the vocabulary of the tracker, by step."""
    judged = {one.step: names.likeness(one.likeness) for one in going.judged}
    for metrics in going.metrics:
        told = names.generative_losses(metrics.losses) | {names.TRAIN_CPU_SECONDS: metrics.seconds}
        yield metrics.step, told | judged.get(metrics.step, {})


class RecoveryWatch:
    """Counts the steps of recoveries that go on side by side; each holds one CPU.

    Args:
        live: shows them.
        targets: of the generators.
        steps: of each, at most.
        gpus: share of a GPU that each holds.
    """

    def __init__(self, live: Live, targets: Sequence[float], steps: int, gpus: float = 0.0) -> None:
        self._live, self._steps = live, steps
        self._at_once = resources.at_once(Need(gpus=gpus))
        self._seen: dict[float, GenerativeCurve | None] = dict.fromkeys(targets)
        self._tell()

    def trained(self, target: float, piece: GenerativeCurve) -> None:
        """A generator has learned on, and was judged."""
        self._seen[target] = piece
        self._tell()

    def _tell(self) -> None:
        done = tuple(map(_steps_done, self._seen.values()))
        rest = tuple(
            0 if seen is not None and seen.metrics[-1].last else self._steps - steps
            for seen, steps in zip(self._seen.values(), done, strict=True)
        )
        running = min(sum(steps > 0 for steps in rest), self._at_once)
        activity = Activity(
            unit="steps",
            done=sum(done),
            total=len(done) * self._steps,
            running=running,
            percent=False,
            parts=tuple(self._part(target) for target in self._seen),
        )
        # With what it took before the job was interrupted: what was done then is told again.
        worked = self._live.tab.held.cpu_seconds
        outlook = StepsLeft(rest, sum(done), worked, self._at_once, self._live.clock())
        self._live.update(activity, outlook, max(1, running))

    def _part(self, target: float) -> Part:
        seen = self._seen[target]
        score = None if seen is None else seen.judged[-1].likeness.distance
        return Part(
            name=f"-{percent(target)}", done=_steps_done(seen), total=self._steps, score=score
        )


def _steps_done(seen: GenerativeCurve | None) -> int:
    return 0 if seen is None else seen.metrics[-1].step
