"""A team's tracking server, started as a team starts it, for measurements and tests.

SECATEUR_TEAM names the environment that has the server's packages; ``make test-team`` makes one.
"""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import tempfile
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

SCRIPTS = Path(__file__).parents[1] / "clusters" / "mlflow"
VARIABLE = "SECATEUR_TEAM"
ENVIRONMENT = os.environ.get(VARIABLE)
WORKERS = 2
_READY = "Application startup complete"


@dataclass(frozen=True)
class Member:
    """A user of the server.

    Attributes:
        uri: of the server.
        name: of the user.
        password: in plain text.
    """

    uri: str
    name: str
    password: str

    @property
    def environment(self) -> dict[str, str]:
        """What MLflow's clients read."""
        return {
            "MLFLOW_TRACKING_URI": self.uri,
            "MLFLOW_TRACKING_USERNAME": self.name,
            "MLFLOW_TRACKING_PASSWORD": self.password,
        }

    def team(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run ``team.sh`` as this user."""
        return subprocess.run(
            [SCRIPTS / "team.sh", *arguments],
            env=os.environ | self.environment,
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )


@dataclass(frozen=True)
class Team:
    """A server that runs.

    Attributes:
        folder: of everything that it keeps.
        admin: its administrator.
        said: what it has printed so far.
    """

    folder: Path
    admin: Member
    said: list[str]

    def add(self, name: str) -> Member:
        """A new member, who may do nothing yet but create experiments and models."""
        done = self.admin.team("add", name)
        assert done.returncode == 0, done.stderr
        return Member(self.admin.uri, name, done.stdout.strip())


@contextmanager
def running(folder: Path, **settings: str) -> Iterator[Team]:
    """A team's server on a free port of the loopback, with its data in ``folder``."""
    port = free_port()
    path = f"{Path(ENVIRONMENT or '').absolute()}/bin{os.pathsep}{os.environ['PATH']}"
    own = {"PATH": path, "MLFLOW_PORT": str(port), "MLFLOW_WORKERS": str(WORKERS)}
    with started([SCRIPTS / "up.sh", folder], own | settings) as said:
        lines = (folder / "secrets.env").read_text().splitlines()
        password = dict(line.split("=") for line in lines)["MLFLOW_AUTH_ADMIN_PASSWORD"]
        yield Team(folder, Member(f"http://127.0.0.1:{port}", "admin", password), said)


@contextmanager
def started(
    command: Sequence[str | Path], environment: Mapping[str, str] | None = None
) -> Iterator[list[str]]:
    """A server of MLflow's that answers, and the lines that it prints; ended by SIGTERM."""
    with subprocess.Popen(
        command,
        env=os.environ | (environment or {}),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as process:
        said: list[str] = []
        reader = threading.Thread(target=lambda: said.extend(process.stdout or ()))
        try:
            _await_workers(process, said)
            reader.start()
            yield said
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(timeout=60)
            if reader.ident:
                reader.join()


@contextmanager
def short_folder() -> Iterator[Path]:
    """A folder that PostgreSQL's own user can enter, of a path short enough for its socket."""
    with tempfile.TemporaryDirectory(prefix="team", dir="/tmp") as name:
        Path(name).chmod(0o711)
        yield Path(name)


def free_port() -> int:
    """A port of the loopback that nobody listens on."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


def _await_workers(process: subprocess.Popen[str], said: list[str]) -> None:
    """Read what the server prints until all its workers are ready."""
    assert process.stdout is not None
    waiting = WORKERS
    for line in process.stdout:
        said.append(line)
        waiting -= _READY in line
        if not waiting:
            return
    raise AssertionError("".join(said))
