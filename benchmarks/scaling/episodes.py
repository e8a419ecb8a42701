"""Efficiency of pruning at 2, 4 and 8 logical workers.

    python -m benchmarks.scaling.episodes

Agents play as in a job, through ``agents.runner``; only the evaluation of a policy is a sleep and
an allocation. ``agents`` measures W agents with one process each, side by side; ``runners`` one
DDPG agent with W runners, which plays W episodes a round, learns, and gives out its new weights. Of
the time of W workers, steady is the share that they evaluated from the first episode that arrived
to the last, whole the share from the start of the agents to the end.
"""

from __future__ import annotations

import json
import time
from collections import defaultdict
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import torch

from agents import runner
from agents.task import PruningTask
from benchmarks.scaling.measuring import WORKERS, Figures, measured, options, several
from benchmarks.scaling.trials import logical_ray
from benchmarks.scaling.work import Asleep, Work
from secateur.data import Development, Images
from secateur.models.registry import build
from secateur.records import Architecture
from secateur.spec import AgentSpec, DDPGSpec, PruneSpec, RandomSpec

WAYS = ("agents", "runners")
_NETWORK = Architecture(
    name="resnet", arguments={"depth": 3, "width": 16}, input_shape=(1, 8, 8), classes=3
)


@dataclass(frozen=True, kw_only=True)
class SleepingTask(PruningTask):
    """A task whose policies are judged by a sleep and an allocation."""

    work: Work

    def judge(self, *_: Any, **__: Any) -> Any:
        """In place of a ``Judge``."""
        return Asleep(self.work)


def play(way: str, workers: int, episodes: int, work: Work) -> Figures:
    """The agents of one measurement, in this process and its workers."""
    from search.quiet import hush

    hush()
    arrived: dict[int, list[float]] = defaultdict(list)
    one = way == "runners"
    task = prepared(workers if one else 1, 1 if one else workers, episodes, work)
    with logical_ray(workers), TemporaryDirectory() as folder:
        began = time.time()
        for _, episode in runner.run(task, Path(folder)):
            arrived[episode.seed].append(time.time())
        ended = time.time()
    streams = list(arrived.values())
    at_once = workers if one else 1
    # The first round is over when the clock starts.
    later = sum(len(times) - at_once for times in streams)
    taken = at_once * sum(times[-1] - times[at_once - 1] for times in streams)
    return {
        "seconds": ended - began,
        "episodes": sum(map(len, streams)),
        "steady": later * work.seconds / taken,
        "whole": sum(map(len, streams)) * work.seconds / workers / (ended - began),
        "start_seconds": max(times[0] for times in streams) - work.seconds - began,
        "round_seconds": taken / later,
    }


def prepared(runners: int, seeds: int, episodes: int, work: Work) -> SleepingTask:
    """What the agents share: a residual network of 16 groups, hardly trained."""
    agent: AgentSpec = DDPGSpec(runners=runners) if runners > 1 else RandomSpec()
    spec = PruneSpec(
        targets=(0.5,), seeds=seeds, episodes=episodes * runners, agent=agent, race=False
    )
    generator = np.random.default_rng(0)
    pixels = generator.integers(0, 255, (60, 1, 8, 8)).astype(np.uint8)
    images = Images(pixels, (np.arange(60) % 3).astype(np.int64))
    development = Development(("a", "b", "c"), images, images, (0.4,), (0.3,))
    torch.manual_seed(0)
    task = runner.prepare(spec, build(_NETWORK).eval(), (1, 8, 8), development, 0)
    shared = {field.name: getattr(task, field.name) for field in fields(task)}
    return SleepingTask(**shared, work=work)


def main() -> None:
    parser = options(
        "Efficiency of pruning by its workers.", "episodes", seconds=5.0, of="an episode"
    )
    parser.add_argument("--way", choices=WAYS, action="append")
    parser.add_argument("--episodes", type=several, default=12, help="a worker")
    given = parser.parse_args()
    work = Work(given.seconds)
    if given.play:
        print(json.dumps(play(given.way[0], given.workers[0], given.episodes, work)))
        return
    for way in given.way or WAYS:
        for workers in given.workers or WORKERS:
            asked = {"way": way, "workers": workers, "each": given.episodes, "work": asdict(work)}
            command = ["benchmarks.scaling.episodes", "--play", f"--way={way}"]
            command += [f"--workers={workers}", f"--episodes={given.episodes}"]
            command.append(f"--seconds={given.seconds}")
            file = given.results / f"{way}-{workers}.json"
            measured(file, asked, given.rounds, command, restart=given.restart)


if __name__ == "__main__":
    main()
