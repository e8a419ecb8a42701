"""Counts what goes on in a stage, for its display: trials, episodes, epochs."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from agents import resources, runner
from agents.resources import Need
from agents.task import PruningTask
from search.estimate import StepsLeft, TrialsLeft
from search.listeners import TrialEnd, TrialListener
from search.live import Live
from search.reports.amounts import percent
from search.status import Activity, Part
from secateur.compression.policy import flops_budget
from secateur.records import Episode, EpochMetrics

Point = dict[str, Any]


class TrialWatch(TrialListener):
    """Listens to the trials of a search; a trial holds one CPU.

    The best of them is the one of the highest accuracy; subclasses may say otherwise.

    Args:
        live: shows them.
        total: trials in all; nothing where time alone bounds them.
        named: what to call the network of a point.
    """

    percent = True
    """Whether scores are shares."""

    def __init__(self, live: Live, total: int | None, named: Callable[[Point], str]) -> None:
        self._live, self._total, self._named = live, total, named
        self._points: dict[str, Point] = {}
        self._begun: dict[str, float] = {}
        self._last: dict[str, dict[str, Any]] = {}
        self._most = 0
        self._seen = Activity(unit="trials", total=total, stopped=0, percent=self.percent)
        self._tell()

    def kept(self, end: TrialEnd) -> None:
        """Count it as it had ended."""
        self._points[end.trial], self._last[end.trial] = end.point, end.result
        self._count(end.trial, failed=end.failed)

    def started(self, trial: str, number: int, point: Point) -> None:
        """A trial began, or begins again."""
        self._points[trial] = point
        self._begun[trial] = self._live.clock()
        self._most = max(self._most, len(self._begun))
        self._tell()

    def reported(self, trial: str, result: dict[str, Any]) -> None:
        """A trial finished an epoch."""
        self._last[trial] = result

    def ended(self, trial: str, *, failed: bool) -> None:
        """A trial will report no more."""
        self._begun.pop(trial, None)
        self._count(trial, failed=failed)
        self._tell()

    def _count(self, trial: str, *, failed: bool) -> None:
        seen, point = self._seen, self._points.pop(trial, {})
        result = self._last.pop(trial, {})
        whole = not failed and bool(result.get("last"))
        score = self._score(result)
        news: dict[str, Any] = {
            "done": seen.done + 1,
            "failed": seen.failed + failed,
            "stopped": (seen.stopped or 0) + (not failed and not whole),
        }
        if whole and score is not None and (seen.best is None or self._beats(score, seen.best)):
            news |= {"best": score, "best_is": self._named(point)}
        self._seen = seen.model_copy(update=news)

    def _score(self, result: dict[str, Any]) -> float | None:
        """What trials are compared by; nothing in the result of one that failed at once."""
        return result.get("validation_accuracy")

    def _beats(self, score: float, best: float) -> bool:
        return score > best

    def _tell(self) -> None:
        self._seen = self._seen.model_copy(update={"running": len(self._begun)})
        now, begun = self._live.clock(), tuple(self._begun.values())
        worked = self._live.tab.held.cpu_seconds - sum(now - began for began in begun)
        outlook = TrialsLeft(self._total, self._seen.done, max(0.0, worked), begun, self._most)
        self._live.update(self._seen, outlook, len(begun))


class Best:
    """The best episode at the FLOPs of a target, or of all before one is there.

    Args:
        flops: that a policy of the target may leave.
    """

    def __init__(self, flops: int) -> None:
        self._flops = flops
        self.episode: Episode | None = None

    def see(self, episode: Episode) -> Episode:
        """The best one, this one counted."""
        self.episode = max(filter(None, (self.episode, episode)), key=self._rank)
        return self.episode

    def _rank(self, episode: Episode) -> tuple[bool, float]:
        return episode.flops <= self._flops, episode.reward


class AgentWatch:
    """Counts the episodes of agents that play side by side.

    Args:
        live: shows them.
        task: that they share.
    """

    def __init__(self, live: Live, task: PruningTask) -> None:
        self._live, self._task, self._episodes = live, task, task.spec.episodes
        self._at_once, self._cpus = runner.places(task.spec), resources.runners_of(task.spec)
        targets = task.spec.targets
        self._best = {target: Best(flops_budget(task.cost, target)) for target in targets}
        self._done = {(target, seed): 0 for target in targets for seed in runner.seeds(task)}
        self._tell(None)

    def played(self, target: float, episode: Episode) -> None:
        """An agent has played an episode."""
        self._done[target, episode.seed] += 1
        self._best[target].see(episode)
        self._tell(episode.noise or None)  # 0: of an agent that adds none

    def _tell(self, noise: float | None) -> None:
        done, total = sum(self._done.values()), len(self._done) * self._episodes
        rest = tuple(self._episodes - played for played in self._done.values())
        running = min(sum(steps > 0 for steps in rest), self._at_once)
        activity = Activity(
            unit="episodes",
            done=done,
            total=total,
            running=running,
            percent=self._task.spec.reward.kind == "accuracy",
            noise=noise,
            parts=tuple(self._part(target) for target in self._best),
        )
        worked, now = self._live.tab.held.cpu_seconds / self._cpus, self._live.clock()
        outlook = StepsLeft(rest, done, worked, self._at_once, now)
        self._live.update(activity, outlook, max(1, running) * self._cpus)

    def _part(self, target: float) -> Part:
        own = [played for (other, _), played in self._done.items() if other == target]
        best = self._best[target].episode
        return Part(
            name=f"-{percent(target)}",
            done=sum(own),
            total=len(own) * self._episodes,
            score=None if best is None else best.reward,
            cut=None if best is None else 1 - best.flops / self._task.dense_flops,
        )


class EpochWatch:
    """Counts the epochs of fine-tunes that go on side by side; each holds one CPU.

    Args:
        live: shows them.
        targets: of the networks.
        epochs: of each.
        gpus: share of a GPU that each holds.
    """

    def __init__(
        self, live: Live, targets: Sequence[float], epochs: int, gpus: float = 0.0
    ) -> None:
        self._live, self._epochs = live, epochs
        self._at_once = resources.at_once(Need(gpus=gpus))
        self._seen: dict[float, list[EpochMetrics]] = {target: [] for target in targets}
        self._tell()

    def trained(self, target: float, metrics: EpochMetrics) -> None:
        """A network has learned for an epoch."""
        self._seen[target].append(metrics)
        self._tell()

    def _tell(self) -> None:
        rest = tuple(
            0 if seen and seen[-1].last else max(0, self._epochs - len(seen))
            for seen in self._seen.values()
        )
        done = sum(map(len, self._seen.values()))
        running = min(sum(steps > 0 for steps in rest), self._at_once)
        activity = Activity(
            unit="epochs",
            done=done,
            total=len(self._seen) * self._epochs,
            running=running,
            parts=tuple(self._part(target) for target in self._seen),
        )
        # With what it took before the job was interrupted: what was done then is told again.
        worked = self._live.tab.held.cpu_seconds
        outlook = StepsLeft(rest, done, worked, self._at_once, self._live.clock())
        self._live.update(activity, outlook, max(1, running))

    def _part(self, target: float) -> Part:
        seen = self._seen[target]
        score = seen[-1].validation_accuracy if seen else None
        return Part(name=f"-{percent(target)}", done=len(seen), total=self._epochs, score=score)
