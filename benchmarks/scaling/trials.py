"""Efficiency of a search at 2, 4 and 8 logical workers.

    python -m benchmarks.scaling.trials

The search is a job's own: ``search.tuning.Tuning`` with the TPE sampler, every report in MLflow on
SQLite, state saved every second, a checkpoint a trial. Only the work of a trial is a sleep and an
allocation, so that 8 workers work in parallel on any machine. Of the time of W workers,

- steady is the share that they worked from the begin of their first trial to the begin of their
  last: reports and turns from one trial to the next count, starts of processes do not;
- whole is the share that they worked from the first line of the search to its last; their
  processes load what those of real trials do, but for torch.

Each number of workers is measured in a process of its own, with a Ray of its own. What is in the
result file already is kept.
"""

from __future__ import annotations

import json
import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from functools import partial
from io import StringIO
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from unittest.mock import patch

from benchmarks.scaling.measuring import (
    WORKERS,
    Figures,
    measured,
    search_options,
    searched,
    several,
)
from benchmarks.scaling.work import Work, trial
from search.listeners import Listeners, TrialListener


class Stopwatch(TrialListener):
    """Listens to trials: when each process began them, and what reports cost.

    Attributes:
        begins: when a process began each of its trials.
        cpu: processor seconds of this process when each report arrived, snapshots left out.
    """

    def __init__(self) -> None:
        self.begins: dict[int, list[float]] = defaultdict(list)
        self.cpu: list[float] = []
        self._snapshots = 0.0

    @property
    def report_ms(self) -> float:
        """What the driver spent from one report to the next, turns of trials included."""
        return 1000 * (self.cpu[-1] - self.cpu[0]) / (len(self.cpu) - 1)

    @contextmanager
    def without_snapshots(self) -> Iterator[None]:
        """Leave out what is spent on snapshots of the state inside."""
        from ray.tune.execution.tune_controller import TuneController

        save = TuneController.save_to_dir

        def saved(controller: Any) -> None:
            began = time.thread_time()
            save(controller)
            self._snapshots += time.thread_time() - began

        with patch.object(TuneController, "save_to_dir", saved):
            yield

    def reported(self, trial: str, result: dict[str, Any]) -> None:
        """A trial reported."""
        self.cpu.append(time.process_time() - self._snapshots)
        if result["epoch"] == 1:
            self.begins[result["process"]].append(result["began"])


@contextmanager
def logical_ray(workers: int, gpus: float = 0) -> Iterator[None]:
    """A Ray of so many CPUs, whatever the machine has."""
    import ray

    # Sockets below it have paths of some 100 characters at most.
    with TemporaryDirectory(prefix="ray", dir="/tmp", ignore_cleanup_errors=True) as folder:
        ray.init(
            address="local",
            num_cpus=workers,
            num_gpus=gpus,
            include_dashboard=False,
            log_to_driver=False,
            configure_logging=False,
            _node_ip_address="127.0.0.1",
            _temp_dir=folder,
        )
        try:
            yield
        finally:
            ray.shutdown()


def play(workers: int, each: int, work: Work) -> Figures:
    """One search in this process, of ``each`` trials a worker."""
    from search.quiet import hush

    hush()
    watch = Stopwatch()
    with logical_ray(workers), TemporaryDirectory() as folder, watch.without_snapshots():
        began = time.time()
        search(workers, each * workers, work, Path(folder), watch)
        ended = time.time()
    return figures(watch, workers, work, began, ended)


def search(workers: int, trials: int, work: Work, folder: Path, watch: Stopwatch) -> None:
    """A job's search with its listeners, whose trials only sleep."""
    from ray import tune
    from ray.tune.result import TRAINING_ITERATION

    from search.budget import Budget, Tab
    from search.journal import SearchJournal
    from search.progress import Progress
    from search.searcher import JobSearch
    from search.trainable import FLOPS, METRIC
    from search.tuning import Tuning
    from search.watch import TrialWatch
    from secateur.spec import SearchSpec
    from secateur.tracking.mlflow_tracker import MLflowTracker

    spec = SearchSpec(trials=trials, parallel=workers, epochs=work.reports, scheduler="none")
    uri, job = f"sqlite:///{folder / 'mlflow.db'}", folder / "job"
    tracker = MLflowTracker(uri, "scaling", "scaling", folder / "tracking", str(folder))
    run = tracker.start("search", name="search")
    progress = Progress(StringIO())
    with progress.live() as live:
        shown = TrialWatch(live, trials, lambda point: str(point["network"]))
        Tuning(
            spec=spec,
            folder=job,
            trainable=tune.with_parameters(trial, work=work),
            searcher=partial(JobSearch, spec, 0, METRIC, FLOPS, None, job.name),
            metric=METRIC,
            age=TRAINING_ITERATION,
            grown=work.reports,
        ).play(Listeners(watch, SearchJournal(tracker, run), shown), Budget(None, Tab()))
    tracker.end_all("FINISHED")
    tracker.close()


def figures(watch: Stopwatch, workers: int, work: Work, began: float, ended: float) -> Figures:
    """What a search came to."""
    begins = [sorted(times) for times in watch.begins.values()]
    cycles = sum(len(times) - 1 for times in begins)
    trials = sum(map(len, begins))
    return {
        "seconds": ended - began,
        "trials": trials,
        "reports": len(watch.cpu),
        "report_ms": watch.report_ms,
        "processes": len(begins),
        "steady": cycles * work.seconds / sum(times[-1] - times[0] for times in begins),
        "whole": trials * work.seconds / workers / (ended - began),
        # Until the last of the workers has begun.
        "start_seconds": max(times[0] for times in begins) - began,
        "first_start_seconds": min(times[0] for times in begins) - began,
    }


def main() -> None:
    parser = search_options(
        "Efficiency of a search by its workers.", "trials", trials=5, number=several
    )
    given = parser.parse_args()
    work = Work(given.seconds, given.reports)
    if given.play:
        print(json.dumps(play(given.workers[0], given.trials, work)))
        return
    for workers in given.workers or WORKERS:
        settings = {"workers": workers, "trials_each": given.trials, "work": asdict(work)}
        file = given.results / f"{workers}-{given.seconds:g}s-{given.reports}.json"
        command = ["benchmarks.scaling.trials", "--play", f"--workers={workers}", *searched(given)]
        measured(file, settings, given.rounds, command, restart=given.restart)


if __name__ == "__main__":
    main()
