"""What tracking costs a job: the same job with its MLflow tracker, and with one that keeps nothing.

    python -m benchmarks.tracking

The two take turns, each in a process of its own, from the start of the job to its last line; the
one goes first in one round and second in the next.  They draw the same points (a random sampler of
one seed) and train them to the end, since what ASHA stops and TPE proposes depends on who is first.
The tracker is what a job has: an outbox, a thread that sends it to MLflow on SQLite, and a thread
that reads the machine's load and what the job spends.  Without them there are three empty runs,
which publishing names.  Beside the wall clock stands the processor time of the two threads.
Rounds that are in the result file already are kept, so a run can be continued.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import cached_property
from io import StringIO
from pathlib import Path
from typing import Any
from unittest.mock import patch

import yaml

from benchmarks.page import RESULTS, write
from benchmarks.rounds import begun
from secateur.spec import JobSpec, parse

DEMO: dict[str, Any] = yaml.safe_load(
    (Path(__file__).parents[1] / "examples" / "digits.yaml").read_text(encoding="utf-8")
)
STEADY = {"sampler": "random", "scheduler": "none"}
CASES: dict[str, dict[str, Any]] = {
    "demo": DEMO | {"search": DEMO["search"] | STEADY | {"trials": 12}, "show": 0},
    "job": DEMO
    | {
        "search": DEMO["search"] | STEADY | {"trials": 48, "epochs": 24},
        "prune": DEMO["prune"] | {"episodes": 240},
        "finetune": DEMO["finetune"] | {"epochs": 60},
        "show": 0,
    },
}
"""About as long as ``make demo``, and several times as long."""

WAYS = ("tracked", "untracked")
Figures = dict[str, float]


class Nothing:
    """A tracker that keeps nothing; only what publishing asks the ids of has runs."""

    def __init__(self, uri: str, artifact_root: str | None) -> None:
        self._uri, self._artifact_root = uri, artifact_root
        self._runs: dict[str, str] = {}

    def start(self, key: str, **_: Any) -> str:
        """Hand the key back."""
        return key

    def ignore(self, *_: Any, **__: Any) -> None:
        """Whatever it is."""

    log = tag = use = attach = end = end_all = close = ignore

    def run_id(self, run: str) -> str:
        """Of a run without anything in it."""
        if run not in self._runs:
            self._runs[run] = str(self._client.create_run(self._experiment).info.run_id)
        return self._runs[run]

    @cached_property
    def _client(self) -> Any:
        from mlflow import MlflowClient

        return MlflowClient(self._uri)

    @cached_property
    def _experiment(self) -> Any:
        return self._client.create_experiment("untracked", self._artifact_root)


def play(case: str, way: str) -> Figures:
    """One job in this process: its seconds, and those of CPU of the threads that track it."""
    from search.quiet import hush

    hush()
    from search import job as jobs
    from search.home import Home
    from search.ledger import Ledger
    from search.local_ray import local_ray
    from search.progress import Progress
    from secateur.data import load

    spec = parse(CASES[case])
    with tempfile.TemporaryDirectory() as folder:
        home = Home(Path(folder))
        ledger = Ledger(home.job(spec.name))
        data = load(spec.data, spec.seed)
        with ledger.held(spec), local_ray(Path(folder, "ray.log")), _threads(way, home) as used:
            began = time.perf_counter()
            publication = jobs.Job(spec, data, home, Progress(StringIO())).run()
            seconds = time.perf_counter() - began
            used["published"] = publication.version is not None
    return {"seconds": seconds, **used}


@contextmanager
def _threads(way: str, home: Any) -> Iterator[Figures]:
    """Take the time of the threads that track, or take them away."""
    from search import job as jobs
    from search.meter import Meter
    from secateur.tracking.shipper import Shipper

    used: Figures = {}
    if way == "untracked":
        nothing = Nothing(home.tracking_uri, home.artifact_root)
        with (
            patch.object(jobs, "tracker", lambda *_: nothing),
            patch.object(Meter, "_watch", lambda _: None),
        ):
            yield used
        return
    with (
        patch.object(Shipper, "_run", _timed(Shipper._run, used, "shipping_cpu_seconds")),
        patch.object(Meter, "_watch", _timed(Meter._watch, used, "meter_cpu_seconds")),
    ):
        yield used
        for thread in threading.enumerate():
            if thread.name == "tracking":
                thread.join(timeout=30)


def _timed(work: Callable[[Any], None], used: Figures, name: str) -> Callable[[Any], None]:
    def timed(owner: Any) -> None:
        work(owner)
        used[name] = time.thread_time()

    return timed


def alone(case: str, way: str) -> Figures:
    """``play`` in a process of its own."""
    command = [sys.executable, "-m", "benchmarks.tracking", "--case", case, "--play", way]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
    found: Figures = json.loads(done.stdout.splitlines()[-1])
    return found


def compare(case: str, number: int) -> dict[str, Any]:
    """One round: both, each alone, in turns of who is first."""
    ways = WAYS if number % 2 == 0 else tuple(reversed(WAYS))
    found: dict[str, Any] = {way: alone(case, way) for way in ways}
    found["ratio"] = found["tracked"]["seconds"] / found["untracked"]["seconds"]
    return found


def run(case: str, arguments: argparse.Namespace) -> None:
    """Measure one case, going on from its file where that is of the same settings."""
    file = arguments.results / f"{case}.json"
    spec: JobSpec = parse(CASES[case])
    found = begun(file, {"spec": spec.model_dump(mode="json")}, restart=arguments.restart)
    while len(found["rounds"]) < arguments.rounds:
        one = compare(case, len(found["rounds"]))
        found["rounds"].append(one)
        write(file, found)
        say(case, one)


def say(case: str, one: Mapping[str, Any]) -> None:
    """One line a round."""
    tracked, untracked = one["tracked"], one["untracked"]
    print(
        f"{case}: {tracked['seconds']:.1f} s tracked, {untracked['seconds']:.1f} s untracked "
        f"({one['ratio'] - 1:+.1%}); CPU: shipping {tracked['shipping_cpu_seconds']:.2f} s, "
        f"meter {tracked['meter_cpu_seconds']:.2f} s",
        file=sys.stderr, flush=True,
    )  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description="What tracking costs a job.")
    parser.add_argument("--case", choices=sorted(CASES), action="append")
    parser.add_argument("--rounds", type=int, default=4)
    parser.add_argument("--results", type=Path, default=RESULTS / "tracking")
    parser.add_argument("--restart", action="store_true", help="discard what the files hold")
    parser.add_argument("--play", choices=WAYS, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    cases = arguments.case or sorted(CASES)
    if arguments.play:
        print(json.dumps(play(cases[0], arguments.play)))
        return
    for case in cases:
        run(case, arguments)


if __name__ == "__main__":
    main()
