"""How long MLflow's run table takes to open on the runs of a job of 10,000 trials.

    python -m benchmarks.many_runs --store sqlite
    SECATEUR_TEAM=.venv/team python -m benchmarks.many_runs --store postgresql

The trials are written by a job's own tracker.  Then the server is asked, as the UI's page of an
experiment asks it, for the first hundred runs: the latest, the best, those below the search, those
that a filter leaves.  With ``--browser``, an environment as ``make test-browser`` makes one, the
page itself is opened in a headless Chromium too, until it shows runs.  SQLite is served as
``secateur ui`` serves it; PostgreSQL as a team has it, asked by a member, not the administrator.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import requests
from mlflow import MlflowClient

from benchmarks import team
from benchmarks.page import RESULTS, write
from benchmarks.rounds import begun
from benchmarks.team import Member, short_folder
from secateur.tracking import names
from secateur.tracking.mlflow_tracker import MLflowTracker

JOB = "many-runs"
_PAGE = 100
_CHROMIUMS = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")
_DRIVER = Path(__file__).parent / "many_runs_page.py"


@dataclass(frozen=True)
class Served:
    """A store and the server in front of it.

    Attributes:
        store: that the tracker writes to.
        artifact_root: for the tracker.
        asked: the server, and who asks it; nobody in particular where the name is empty.
    """

    store: str
    artifact_root: str | None
    asked: Member


@contextmanager
def sqlite(folder: Path) -> Iterator[Served]:
    """A SQLite file that jobs write to, and the server of ``secateur ui`` on it."""
    store = f"sqlite:///{folder / 'mlflow.db'}"
    port = team.free_port()
    MlflowClient(store).search_experiments(max_results=1)  # makes the tables
    command = [sys.executable, "-m", "mlflow", "ui", "--host", "127.0.0.1", "--port", str(port)]
    with team.started([*command, "--backend-store-uri", store, "--workers", str(team.WORKERS)]):
        yield Served(store, folder.as_uri(), Member(f"http://127.0.0.1:{port}", "", ""))


@contextmanager
def postgresql(folder: Path) -> Iterator[Served]:
    """A team's server, which one of its members writes to and asks."""
    with team.running(folder / "team") as running:
        member = running.add("member")
        os.environ |= member.environment
        yield Served(member.uri, None, member)


STORES = {"sqlite": sqlite, "postgresql": postgresql}


def fill(served: Served, folder: Path, trials: int, epochs: int) -> dict[str, float]:
    """Record the trials of a job as its search does: seconds until all are written down, and sent.

    Accuracies rise from trial to trial and epoch to epoch.
    """
    began = time.perf_counter()
    tracker = MLflowTracker(served.store, JOB, JOB, folder / "journal", served.artifact_root)
    job = tracker.start("job", name=JOB)
    search = tracker.start("search", name="search", parent=job, tags={names.STAGE: "search"})
    for number in range(trials):
        kind = ("lenet", "resnet", "vgg")[number % 3]
        parameters = {names.NETWORK: kind, f"{kind}.width": 1 + number % 8, "recipe.batch_size": 64}
        name = f"trial-{number:05d}"
        trial = tracker.start(f"search/{name}", name=name, parent=search, parameters=parameters)
        for epoch in range(1, 1 + epochs):
            accuracy = (number + epoch / epochs) / (trials + 1)
            losses = {names.TRAIN_LOSS: 1.1 - accuracy, names.VALIDATION_LOSS: 1.2 - accuracy}
            tracker.log(trial, losses | {names.VALIDATION_ACCURACY: accuracy}, epoch)
        tracker.end(trial, reason="full budget")
    tracker.end_all("FINISHED")
    recorded = time.perf_counter() - began
    tracker.settle()
    tracker.close()
    return {"recorded_seconds": recorded, "sent_seconds": time.perf_counter() - began}


def questions(client: MlflowClient) -> dict[str, dict[str, Any]]:
    """What the page of an experiment asks for, by what a person did there."""
    experiment = client.get_experiment_by_name(JOB).experiment_id
    (search,) = client.search_runs([experiment], "tags.stage = 'search'")
    table = {"experiment_ids": [experiment], "run_view_type": "ACTIVE_ONLY", "max_results": _PAGE}
    latest = table | {"order_by": ["attributes.start_time DESC"]}
    accuracy = f"metrics.`{names.VALIDATION_ACCURACY}`"
    below = f"tags.`mlflow.parentRunId` = '{search.info.run_id}'"
    return {
        "opened": latest,
        "sorted by accuracy": table | {"order_by": [f"{accuracy} DESC"]},
        "trials of the search": latest | {"filter": below},
        "filtered by accuracy and network": latest
        | {"filter": f"{accuracy} > 0.5 AND params.network = 'resnet'"},
    }


def ask(asked: Member, question: dict[str, Any]) -> float:
    """Seconds until the server has answered with a full page."""
    began = time.perf_counter()
    answer = requests.post(
        f"{asked.uri}/ajax-api/2.0/mlflow/runs/search",
        json=question,
        auth=(asked.name, asked.password) if asked.name else None,
        timeout=120,
    )
    seconds = time.perf_counter() - began
    answer.raise_for_status()
    assert len(answer.json()["runs"]) == _PAGE
    return seconds


def open_page(asked: Member, environment: Path, experiment: str) -> float:
    """Seconds until a browser that has just been started shows the table."""
    chromium = next(filter(None, map(shutil.which, _CHROMIUMS)))
    page = f"{asked.uri}/#/experiments/{experiment}/runs"
    done = subprocess.run(
        [environment / "bin" / "python", _DRIVER, chromium, page],
        input=json.dumps({"username": asked.name, "password": asked.password}),
        capture_output=True,
        text=True,
        check=True,
        timeout=240,
    )
    return float(done.stdout)


def measure(served: Served, environment: Path | None) -> dict[str, float]:
    """One round: seconds of every question, and of the page where there is a browser."""
    client = MlflowClient(served.store)
    asked = questions(client)
    found = {name: ask(served.asked, question) for name, question in asked.items()}
    if environment is not None:
        experiment = asked["opened"]["experiment_ids"][0]
        found["page in a browser"] = open_page(served.asked, environment, experiment)
    return found


def run(store: str, arguments: argparse.Namespace) -> None:
    settings = {key: getattr(arguments, key) for key in ("trials", "epochs")}
    found = begun(arguments.results / f"{store}.json", settings, restart=True)
    with short_folder() as folder, STORES[store](folder) as served:
        found["filled"] = fill(served, folder, **settings)
        print(f"{store}: {found['filled']}", file=sys.stderr)
        for _ in range(arguments.rounds):
            found["rounds"].append(measure(served, arguments.browser))
            print(f"{store}: {found['rounds'][-1]}", file=sys.stderr)
    write(arguments.results / f"{store}.json", found)


def main() -> None:
    parser = argparse.ArgumentParser(description="MLflow's run table on 10,000 trials.")
    parser.add_argument("--store", choices=sorted(STORES), required=True)
    parser.add_argument("--trials", type=int, default=10_000)
    parser.add_argument("--epochs", type=int, default=8, help="of each trial, three metrics each")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--browser", type=Path, help="environment with playwright")
    parser.add_argument("--results", type=Path, default=RESULTS / "many_runs")
    arguments = parser.parse_args()
    run(arguments.store, arguments)


if __name__ == "__main__":
    main()
