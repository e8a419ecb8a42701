"""Episodes per second: Sécateur's pruning stage against a loop in the reference's style.

    python -m benchmarks.throughput --network resnet20 --episodes 24 --rounds 3

Same network, images, targets and cores; the two take turns, round by round, each alone.
Sécateur runs as a job runs it: one agent a target in RLlib, each with its evaluations in a
process of its own on one thread.  The reference plays the targets one after the other in
one process with all threads.  A round's rate leaves out the first episodes, which pay for
starting and, with Sécateur, counts the time in which all agents play.  Rounds that are in
the result file already are kept, so a run can be continued.  The networks are trained a
little, on small real images: how soon a race gives a candidate up depends on its accuracy.
"""

from __future__ import annotations

import argparse
import os
import statistics
import sys
import tempfile
import time
from collections import defaultdict
from pathlib import Path
from typing import Any

os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
os.environ.setdefault("RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO", "0")
# Threads that spin while they wait make the reference ten times slower as soon as anything
# else runs on the machine; it is to be at its best.
os.environ.setdefault("OMP_WAIT_POLICY", "passive")

import torch

from agents import runner
from agents.actions import READINGS
from agents.task import PruningTask, normalised, prepare
from benchmarks import breakdown, networks, reference_loop
from benchmarks.page import RESULTS, write
from benchmarks.rounds import begun
from search.home import Home
from search.local_ray import local_ray
from secateur.compression.policy import uniform
from secateur.spec import PruneSpec

SKIPPED = breakdown.SKIPPED
Round = dict[str, Any]


def task_of(name: str, arguments: argparse.Namespace) -> PruningTask:
    """The pruning stage of one network, as a job would prepare it."""
    spec = PruneSpec.model_validate(
        {
            "targets": arguments.targets,
            "agent": arguments.agent,
            "episodes": arguments.episodes,
            "reward_images": arguments.images,
        }
    )
    data = networks.development(arguments.images)
    network = networks.trained(name, data, Home.find().folder / "throughput")
    return prepare(spec, network, networks.SHAPE, data, seed=0)


def secateur_round(task: PruningTask) -> Round:
    """One run of all agents: rate while all of them play."""
    arrivals: dict[float, list[float]] = defaultdict(list)
    flops: list[int] = []
    began = time.perf_counter()
    with tempfile.TemporaryDirectory() as folder:
        for target, episode in runner.run(task, Path(folder)):
            arrivals[target].append(time.perf_counter())
            flops.append(episode.flops)
    start = max(times[SKIPPED - 1] for times in arrivals.values())
    end = min(times[-1] for times in arrivals.values())
    count = sum(start < moment <= end for times in arrivals.values() for moment in times)
    return {
        "episodes": count,
        "seconds": end - start,
        "rate": count / (end - start),
        "flops_left": statistics.mean(flops) / task.dense_flops,
        "start_seconds": start - began,
    }


def reference_round(task: PruningTask, seed: int) -> Round:
    """One run of the reference loop over all targets, on all threads."""
    spec, data = task.spec, task.development
    validation = data.validation.take(slice(spec.reward_images))
    reward = reference_loop.ReferenceReward(
        task.candidates.network,
        task.candidates.plan,
        normalised(data.train.take(slice(spec.calibration_images)), data),
        normalised(validation, data),
        validation.tensors()[1],
    )
    count, seconds, flops = 0, 0.0, []
    for target in spec.targets:
        problem, last = task.problem(target), 0.0
        # Policies of other FLOPs would cost more or less to judge.
        actions = READINGS[getattr(spec.agent, "actions", "ratio")](problem)
        for number, (widths, _) in enumerate(
            reference_loop.episodes(problem, reward, spec.episodes, seed, actions)
        ):
            now = time.perf_counter()
            if number >= SKIPPED:
                count, seconds = count + 1, seconds + now - last
            last = now
            flops.append(float(task.cost.flops(widths)))
    left = statistics.mean(flops) / task.dense_flops
    return {"episodes": count, "seconds": seconds, "rate": count / seconds, "flops_left": left}


def compare(task: PruningTask, threads: int, seed: int) -> Round:
    """One round: each loop alone, one after the other."""
    torch.set_num_threads(threads)
    ours = secateur_round(task)
    theirs = reference_round(task, seed)
    return {"secateur": ours, "reference": theirs, "ratio": ours["rate"] / theirs["rate"]}


def measure(task: PruningTask) -> Round:
    """Where the time of an episode goes, and what saves it."""
    torch.set_num_threads(1)
    parts = breakdown.breakdown(task, task.spec.targets[0], task.spec.episodes)
    problems = [task.problem(target) for target in task.spec.targets]
    policies = [uniform(one.limits, one.allowed) for one in problems]
    return {
        "breakdown_ms": parts,
        "added": breakdown.added(parts),
        "steps_ms": breakdown.steps(task, policies, rounds=2),
    }


def run(name: str, arguments: argparse.Namespace) -> None:
    """Measure one network, going on from its file where that is of the same settings."""
    file = arguments.results / f"{name}.json"
    kept = ("images", "targets", "agent", "threads", "episodes")
    settings = {key: getattr(arguments, key) for key in kept}
    found = begun(file, settings, restart=arguments.restart)
    task = task_of(name, arguments)
    while len(found["rounds"]) < arguments.rounds:
        found["rounds"].append(compare(task, arguments.threads, seed=len(found["rounds"])))
        write(file, found)
        say(name, found["rounds"][-1])
    if "steps_ms" not in found:
        write(file, found | measure(task))


def say(name: str, one: Round) -> None:
    """One line a round; Ray takes standard output."""
    ours, theirs = one["secateur"]["rate"], one["reference"]["rate"]
    line = f"{name}: {ours:.2f} against {theirs:.2f} episodes a second, {one['ratio']:.2f} times"
    print(line, file=sys.stderr, flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description="Episodes per second against a reference loop.")
    parser.add_argument("--network", choices=sorted(networks.NETWORKS), action="append")
    parser.add_argument("--episodes", type=int, default=24, help="of each agent in each round")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--images", type=int, default=1000)
    parser.add_argument("--targets", type=float, nargs="+", default=[0.5, 0.7])
    parser.add_argument("--agent", default="ddpg")
    parser.add_argument("--threads", type=int, default=os.cpu_count(), help="of the reference")
    parser.add_argument("--results", type=Path, default=RESULTS / "throughput")
    parser.add_argument("--restart", action="store_true", help="discard what the files hold")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, local_ray(Path(folder) / "ray.log"):
        for name in arguments.network or sorted(networks.NETWORKS):
            run(name, arguments)


if __name__ == "__main__":
    main()
