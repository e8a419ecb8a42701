"""Wall clock of the search stage against a bare Optuna loop that trains the same trials.

    python -m benchmarks.search_overhead

Both draw the same points (a random sampler of one seed), train them to the end with the same
code, and take turns, each alone.  The loop is Optuna's ``optimize`` in this process, on one
thread as a trial of a job is, and in the first round on all of them too.  The stage is what a
job runs: Ray Tune, one process a trial at once, every epoch in MLflow on SQLite, state saved
every second, the winner written.  Counted are its workers' starts and imports; a job starts Ray
once for all its stages, so that is timed apart.  Rounds that are in the result file already are
kept, so a run can be continued.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
from io import StringIO
from pathlib import Path
from typing import Any

os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
os.environ.setdefault("RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO", "0")
# One thread a trial everywhere; the loop raises it where it is measured on all.
os.environ.setdefault("OMP_NUM_THREADS", "1")

import optuna
import torch

from benchmarks.page import RESULTS, write
from benchmarks.rounds import begun
from search import stages
from search.local_ray import local_ray
from search.progress import Progress
from search.space import JobSpace, nested, realise, starts_from
from search.stages import Workshop
from secateur.data import Development, load
from secateur.spec import JobSpec, parse
from secateur.tracking.mlflow_tracker import MLflowTracker
from secateur.training.beginning import begin
from secateur.training.supervised import train

COMMON = {"sampler": "random", "scheduler": "none"}
CASES: dict[str, dict[str, Any]] = {
    "digits": {
        "name": "digits",
        "data": {"kind": "digits"},
        "search": {"trials": 16, "epochs": 12, "augment": True} | COMMON,
    },
    "mnist-lenet": {
        "name": "mnist-lenet",
        "data": {"kind": "mnist", "limit": 6000},
        "search": {
            "trials": 12, "epochs": 4, "networks": [{"kind": "lenet", "width": [1.0, 2.0]}],
            "recipe": {"batch_size": [64, 128]},
        } | COMMON,
    },
    # Three minutes of training: what starts and imports cost is fixed, and weighs less.
    "mnist-lenet-longer": {
        "name": "mnist-lenet-longer",
        "data": {"kind": "mnist", "limit": 12000},
        "search": {
            "trials": 12, "epochs": 8, "networks": [{"kind": "lenet", "width": [1.0, 2.0]}],
            "recipe": {"batch_size": [64, 128]},
        } | COMMON,
    },
}  # fmt: skip
Figures = dict[str, float]


def bare(spec: JobSpec, development: Development, threads: int) -> tuple[Figures, list[float]]:
    """Optuna's own loop, in this process: seconds, and the accuracies."""

    def objective(trial: optuna.Trial) -> float:
        JobSpace(spec.search)(trial)
        point = nested(trial.params)
        architecture, recipe = realise(spec, point, development.input_shape, development.outputs)
        torch.manual_seed(recipe.seed)
        network = begin(architecture, starts_from(spec, architecture.name))
        *_, last = train(network, development, recipe)
        return last.validation_accuracy

    torch.set_num_threads(threads)
    began = time.perf_counter()
    sampler = optuna.samplers.RandomSampler(seed=spec.seed)
    study = optuna.create_study(direction="maximize", sampler=sampler)
    study.optimize(objective, spec.search.trials)
    seconds = time.perf_counter() - began
    torch.set_num_threads(1)
    return {"seconds": seconds}, [trial.value or 0.0 for trial in study.trials]


def stage(spec: JobSpec, development: Development, parallel: int) -> tuple[Figures, list[float]]:
    """The search stage of a job: seconds of Ray's start and of the stage, and the accuracies."""
    search = spec.search.model_copy(update={"parallel": parallel})
    spec = spec.model_copy(update={"search": search})
    with tempfile.TemporaryDirectory() as name:
        home = Path(name)
        uri = f"sqlite:///{home / 'mlflow.db'}"
        tracker = MLflowTracker(uri, spec.name, spec.name, home / "tracking", name)
        run = tracker.start("search", name="search")
        shop = Workshop(spec, home / "job", development, tracker, Progress(StringIO()))
        began = time.perf_counter()
        with local_ray(home / "ray.log"):
            ready = time.perf_counter()
            found = stages.search(shop, run)
            ended = time.perf_counter()
        tracker.end_all("FINISHED")
        tracker.close()
    figures = {"seconds": ended - ready, "ray_start_seconds": ready - began}
    return figures, [trial.accuracy or 0.0 for trial in found.trials]


def compare(spec: JobSpec, development: Development, threads: int | None) -> dict[str, Any]:
    """One round: the loop and the stage in turns, each alone.

    Args:
        spec: the job.
        development: its data.
        threads: of a second run of the loop, if any.
    """
    one, expected = bare(spec, development, 1)
    found: dict[str, Any] = {"bare": one}
    if threads is not None:
        found["bare_all_threads"], _ = bare(spec, development, threads)
    for parallel in (1, 2):
        figures, reached = stage(spec, development, parallel)
        figures["ratio"] = figures["seconds"] / one["seconds"]
        # The same trials, to the last bit, or the comparison means nothing.
        figures["same"] = reached == expected
        found[f"parallel_{parallel}"] = figures
    return found


def run(name: str, arguments: argparse.Namespace) -> None:
    """Measure one case, going on from its file where that is of the same settings."""
    file = arguments.results / f"{name}.json"
    spec = parse(CASES[name])
    settings = {"spec": spec.model_dump(mode="json"), "threads": arguments.threads}
    found = begun(file, settings, restart=arguments.restart)
    development = load(spec.data, spec.seed).development
    while len(found["rounds"]) < arguments.rounds:
        threads = None if found["rounds"] else arguments.threads
        found["rounds"].append(compare(spec, development, threads))
        write(file, found)
        say(name, found["rounds"][-1])


def say(name: str, one: dict[str, Any]) -> None:
    """One line a round; Ray takes standard output."""
    ways = "  ".join(
        f"{way} {figures['seconds']:.1f} s ({figures['seconds'] / one['bare']['seconds']:.2f})"
        for way, figures in one.items()
    )
    print(f"{name}: {ways}", file=sys.stderr, flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description="The search stage against a bare Optuna loop.")
    parser.add_argument("--case", choices=sorted(CASES), action="append")
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--threads", type=int, default=os.cpu_count(), help="of the loop's second")
    parser.add_argument("--results", type=Path, default=RESULTS / "search_overhead")
    parser.add_argument("--restart", action="store_true", help="discard what the files hold")
    arguments = parser.parse_args()
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    torch.set_num_threads(1)
    for name in arguments.case or sorted(CASES):
        run(name, arguments)


if __name__ == "__main__":
    main()
