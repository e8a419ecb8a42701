"""What the driver of a search costs with up to 1,000 workers.

    python -m benchmarks.scaling.driver

The driver is a job's own, its workers are virtual (``benchmarks.scaling.virtual``): they wait as
long as real ones work, and cost nothing. Reported are processor milliseconds of the driver's thread
by kind of event, those of the threads beside it (tracking), and the efficiency that workers reach
that wait for this driver alone. Each number of workers has a process of its own.
"""

from __future__ import annotations

import json
import time
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import numpy as np

from benchmarks.scaling.measuring import Figures, measured, search_options, searched
from benchmarks.scaling.trials import Stopwatch, search
from benchmarks.scaling.work import Work

if TYPE_CHECKING:
    from benchmarks.scaling.virtual import Ledger

WORKERS = (10, 30, 100, 300, 1000)
START_SECONDS = 5.0
"""Until a worker is there; they start side by side."""


def play(workers: int, each: int, work: Work) -> Figures:
    """One search of virtual workers in this process, of ``each`` trials a worker."""
    from search.quiet import hush

    hush()
    from benchmarks.scaling.virtual import virtual_workers

    watch = Stopwatch()
    with (
        TemporaryDirectory() as folder,
        virtual_workers(work, START_SECONDS) as spent,
        watch.without_snapshots(),
    ):
        began, cpu, own = time.monotonic(), time.process_time(), time.thread_time()
        search(workers, each * workers, work, Path(folder), watch)
        cpu, own = time.process_time() - cpu, time.thread_time() - own
        seconds = time.monotonic() - began
    trials = each * workers
    worked = trials * work.seconds
    return {
        "trials": trials,
        "reports": len(watch.cpu),
        "all_ms": watch.report_ms,
        "seconds": seconds,
        **by_kind(spent, trials),
        "background_ms": 1000 * (cpu - own) / len(watch.cpu),
        "busy": own / seconds,
        "efficiency": worked / (worked + spent.waited),
    }


def by_kind(spent: Ledger, trials: int) -> Figures:
    """Milliseconds of the driver's thread by kind of event, and what each trial before adds."""
    reports = [cost for kind, _, cost in spent.steps if kind == "report"]
    turns = [(number, cost) for kind, number, cost in spent.steps if kind == "turn"]
    turn, turn_growth = line(turns)
    snapshot, snapshot_growth = line(spent.snapshots)
    return {
        "report_ms": 1000 * float(np.mean(reports)),
        "turn_ms": 1000 * turn * len(turns) / trials,
        "turn_ms_a_trial": 1000 * turn_growth * len(turns) / trials,
        "turn_mean_ms": 1000 * sum(cost for _, cost in turns) / trials,
        "snapshot_ms": 1000 * snapshot,
        "snapshot_ms_a_trial": 1000 * snapshot_growth,
        "snapshot_last_ms": 1000 * spent.snapshots[-1][1],
        "snapshots": len(spent.snapshots),
    }


def line(points: Sequence[tuple[int, float]]) -> tuple[float, float]:
    """Least squares: the value at 0 and the slope, neither below 0."""
    x, y = np.array(points, float).T
    slope = max(0.0, float(np.polyfit(x, y, 1)[0])) if np.ptp(x) else 0.0
    return max(0.0, float(np.mean(y) - slope * np.mean(x))), slope


def main() -> None:
    parser = search_options("What the driver of a search costs.", "driver", trials=2)
    given = parser.parse_args()
    work = Work(given.seconds, given.reports)
    if given.play:
        print(json.dumps(play(given.workers[0], given.trials, work)))
        return
    for workers in given.workers or WORKERS:
        settings = {"workers": workers, "trials_each": given.trials, "work": asdict(work)}
        command = ["benchmarks.scaling.driver", "--play", f"--workers={workers}", *searched(given)]
        file = given.results / f"{workers}.json"
        measured(file, settings, given.rounds, command, restart=given.restart)


if __name__ == "__main__":
    main()
