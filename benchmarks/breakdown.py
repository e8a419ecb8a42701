"""Where the time of an episode goes: forward passes, and what is added to them."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from itertools import pairwise
from pathlib import Path
from time import perf_counter, process_time
from typing import Any

import ray
import torch
from torch import Tensor

from agents import exploration, staging
from agents.racing import Race
from agents.registry import play
from agents.task import PruningTask, normalised
from benchmarks.reference_loop import surgery
from secateur.compression.execution import EXACT, Execution
from secateur.compression.folding import fold, foldable
from secateur.compression.importance import keep
from secateur.compression.recovery import recalibrate
from secateur.records import Episode

SKIPPED = 2
"""First episodes of a run that also pay for its start."""
Widths = tuple[int, ...]


class Clock:
    """An evaluation that adds up the processor time it took."""

    def __init__(self, evaluate: Callable[[Widths], float]) -> None:
        self._evaluate, self.seconds = evaluate, 0.0

    def __call__(self, widths: Widths) -> float:
        """The reward."""
        began = process_time()
        reward = self._evaluate(widths)
        self.seconds += process_time() - began
        return reward


def breakdown(task: PruningTask, target: float, episodes: int) -> dict[str, float]:
    """Processor milliseconds of an episode by what they are spent on, on one thread.

    Those of ``ray`` are of the clock: two processes share the way of an episode.

    Args:
        task: that an agent plays, in one Ray worker.
        target: of the agent.
        episodes: to play.
    """
    with tempfile.TemporaryDirectory() as folder:
        found: dict[str, float] = ray.get(_played.remote(task, target, episodes, Path(folder)))
    return {**found, "ray": 1000 * _streaming()}


@ray.remote(num_cpus=1)
def _played(task: PruningTask, target: float, episodes: int, folder: Path) -> dict[str, float]:
    torch.set_num_threads(1)
    stage = staging.stage(task, target, 0, task.candidates)
    judge = exploration.rewards(task, stage, folder / "stage-1.json")
    clock = Clock(Race(judge) if task.spec.race else judge)
    widths, agent, evaluation = list[Widths](), 0.0, 0.0
    last, evaluated = process_time(), 0.0
    for number, episode in enumerate(
        play(task.spec.agent, stage.problem, clock, episodes, task.seed, folder / "stage-1")
    ):
        now, here = process_time(), clock.seconds
        if number >= SKIPPED:
            agent += now - last - (here - evaluated)
            evaluation += here - evaluated
            widths.append(episode.widths)
        last, evaluated = now, here
    execution = judge.execution
    parts = [candidate_parts(task, one, execution) for one in widths[:: max(1, len(widths) // 8)]]
    means = {name: 1000 * sum(part[name] for part in parts) / len(parts) for name in parts[0]}
    # What the race spared is missing from the forward passes alone.
    means["forward"] = 1000 * evaluation / len(widths) - means["recalibration"] - means["surgery"]
    return {**means, "agent": 1000 * agent / len(widths)}


def candidate_parts(task: PruningTask, widths: Widths, execution: Execution) -> dict[str, float]:
    """Processor seconds of one candidate's evaluation, part by part."""
    candidates, device = task.candidates, torch.device("cpu")
    shown = task.development.validation.take(slice(task.spec.reward_images))
    batches = execution.batches(normalised(shown, task.development))
    marks = [process_time()]
    kept = keep(candidates.scores, widths)
    pruned = execution.place(candidates.plan.prune(candidates.network, kept))
    marks.append(process_time())
    candidates.correction(pruned, kept, execution)
    marks.append(process_time())
    pruned.eval()
    fold(pruned, candidates.pairs)
    pruned = execution.place(pruned)
    marks.append(process_time())
    for batch in batches:
        with execution.running(device):
            pruned(batch)
    marks.append(process_time())
    cut, corrected, folded, forward = (end - start for start, end in pairwise(marks))
    return {"forward": forward, "recalibration": corrected, "surgery": cut + folded}


def _streaming() -> float:
    """Seconds to carry one episode from a worker to the driver."""
    count = 100
    stream = _episodes.options(num_returns="streaming").remote(count)
    ray.get(next(stream))
    began = perf_counter()
    for reference in stream:
        ray.get(reference)
    return (perf_counter() - began) / (count - 1)


@ray.remote(num_cpus=1)
def _episodes(count: int) -> Iterator[Episode]:
    for number in range(count):
        yield Episode(number=number, widths=(16,) * 16, reward=0.5, flops=10**6, noise=0.1)


def steps(task: PruningTask, policies: list[Widths], rounds: int) -> dict[str, float]:
    """Processor milliseconds of one evaluation as what makes it fast is added, one by one.

    The ways take turns on the same policies, on one thread; the median round counts.
    """
    ways = _ways(task)
    times: dict[str, list[float]] = {name: [] for name in ways}
    for _ in range(rounds):
        for widths in policies:
            for name, way in ways.items():
                began = process_time()
                way(widths)
                times[name].append(1000 * (process_time() - began))
    return {name: float(torch.tensor(found).median()) for name, found in times.items()}


def _ways(task: PruningTask) -> dict[str, Callable[[Widths], Any]]:
    candidates, pairs = task.candidates, foldable(task.candidates.network, (3, 32, 32))
    images = normalised(task.development.validation, task.development)[: task.spec.reward_images]
    calibration = normalised(task.development.train, task.development)
    calibration = calibration[: task.spec.calibration_images]

    def theirs(widths: Widths) -> None:
        pruned = surgery(candidates.network, candidates.plan, widths)
        _evaluate(pruned, calibration, images, EXACT)

    def ours(execution: Execution, shown: Tensor, *, folding: bool) -> Callable[[Widths], None]:
        def way(widths: Widths) -> None:
            kept = keep(candidates.scores, widths)
            pruned = execution.place(candidates.plan.prune(candidates.network, kept))
            _evaluate(pruned, shown, images, execution, pairs if folding else ())

        return way

    laid, coarse = Execution(channels_last=True), Execution(channels_last=True, bfloat16=True)
    return {
        "torch-pruning surgery, float32": theirs,
        "surgery by plan": ours(EXACT, calibration, folding=False),
        "batch norm folded": ours(EXACT, calibration, folding=True),
        "channels-last": ours(laid, calibration, folding=True),
        "bfloat16 where the probe allows it": ours(coarse, calibration, folding=True),
    }


def _evaluate(
    pruned: Any, calibration: Tensor, images: Tensor, execution: Execution, pairs: Any = ()
) -> None:
    device = torch.device("cpu")
    with execution.running(device):
        recalibrate(pruned, execution.batches(calibration))
    pruned.eval()
    fold(pruned, pairs)
    execution.place(pruned)
    for batch in execution.batches(images):
        with execution.running(device):
            pruned(batch)


def added(parts: dict[str, float]) -> float:
    """What agent, Ray and surgery add to the forward passes, as a share of them."""
    passes = parts["forward"] + parts["recalibration"]
    return (parts["surgery"] + parts["agent"] + parts["ray"]) / passes
