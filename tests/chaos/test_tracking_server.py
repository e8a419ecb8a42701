"""MLflow's server, or its database, is away while a job records what it does."""

from __future__ import annotations

import random
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import httpx
import psutil
import pytest

from benchmarks import team as teams
from benchmarks.team import Team, free_port, short_folder
from tests.chaos import jobs
from tests.chaos.cluster import Cluster, cluster
from tests.chaos.conftest import Moments
from tests.chaos.running import Job, until

pytestmark = [pytest.mark.slow, pytest.mark.chaos, pytest.mark.timeout(1800)]

LONGEST_AWAY_S = 60.0
LONGEST_S = 600.0
# A job is to last for longer than a server that is away five times.
SLOW_S = 5.0


class Server:
    """MLflow's own over a SQLite store.

    Args:
        folder: for store, files and log.

    Attributes:
        uri: of the server.
    """

    def __init__(self, folder: Path) -> None:
        self._folder, self._port = folder, free_port()
        self.uri = f"http://127.0.0.1:{self._port}"

    def start(self) -> None:
        """Start it, and wait until it answers."""
        with (self._folder / "server.log").open("ab") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "mlflow", "server", "--host", "127.0.0.1",
                 "--port", str(self._port), "--workers", "1",
                 "--backend-store-uri", f"sqlite:///{self._folder / 'server.db'}",
                 "--artifacts-destination", str(self._folder / "files")],
                stdout=log, stderr=subprocess.STDOUT,
            )  # fmt: skip
        until(self._answers, 400, "MLflow's server")

    def kill(self) -> None:
        """End it and its workers with -9."""
        main = psutil.Process(self._process.pid)
        for process in (main, *main.children(recursive=True)):
            with suppress(psutil.NoSuchProcess):
                process.kill()
        self._process.wait()

    def _answers(self) -> bool:
        with suppress(httpx.TransportError):
            return httpx.get(f"{self.uri}/health", timeout=10).is_success
        return False


@pytest.fixture(scope="module")
def nodes() -> Iterator[Cluster]:
    with cluster(slow=SLOW_S) as made:
        yield made


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    made = Server(tmp_path_factory.mktemp("mlflow"))
    made.start()
    yield made
    made.kill()


@pytest.fixture(scope="module")
def team() -> Iterator[Team]:
    """A team's server on PostgreSQL, see clusters/mlflow."""
    if not teams.ENVIRONMENT:
        pytest.skip(f"{teams.VARIABLE} names no environment of MLflow's server")
    with short_folder() as folder, teams.running(folder / "team") as made:
        yield made


@pytest.mark.parametrize("stage", jobs.STAGES)
def test_the_server_is_away(
    whole: Cluster, moments: Moments, server: Server, stage: str, seed: int
) -> None:
    """MLflow's server is killed with -9 and comes back within a minute."""
    draw, uri = random.Random(seed), server.uri
    job = whole.run(jobs.asked(stage, f"mlflow-{stage}-{seed}"), MLFLOW_TRACKING_URI=uri)
    for _ in moments(whole, job, stage, draw):
        away(draw, server.kill, server.start)
    ends(job)
    jobs.check(whole.home, job, stage, uri)


@pytest.mark.parametrize("stage", jobs.STAGES)
def test_the_database_is_away(
    whole: Cluster,
    moments: Moments,
    team: Team,
    stage: str,
    seed: int,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The PostgreSQL behind MLflow's server is stopped and comes back within a minute."""
    draw, member = random.Random(seed), team.admin.environment
    for name, value in member.items():
        monkeypatch.setenv(name, value)
    job = whole.run(jobs.asked(stage, f"database-{stage}-{seed}"), **member)
    for _ in moments(whole, job, stage, draw):
        away(draw, lambda: database(team, "stop"), lambda: database(team, "start"))
    ends(job)
    jobs.check(whole.home, job, stage, team.admin.uri)


def away(draw: random.Random, stop: Callable[[], None], start: Callable[[], None]) -> None:
    stop()
    time.sleep(draw.uniform(1, LONGEST_AWAY_S))
    start()


def database(team: Team, action: str) -> None:
    script = teams.SCRIPTS / "database.sh"
    subprocess.run([script, action, team.folder / "postgresql"], check=True, timeout=60)


def ends(job: Job) -> None:
    """A job ends, or stops where it needs the server with a line that says so, and goes on."""
    until(lambda: job.ended, LONGEST_S, f"the end of {job.name}")
    if job.driver.returncode == 1:
        assert job.said.splitlines()[-1].startswith("secateur: error: publish: "), job.said
        assert "the same secateur run, publishes it" in job.said
        job.begin()
    job.ends()
