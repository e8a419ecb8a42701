"""A member's day: a job, its model, and a colleague who may not, by the guide's own commands."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import yaml
from mlflow import MlflowClient
from mlflow.entities import Run

from benchmarks.team import ENVIRONMENT, VARIABLE, Member, Team

ROOT = Path(__file__).parents[2]
GUIDE = (ROOT / "docs" / "team-tracking.md").read_text(encoding="utf-8")
# A shell without job control starts its jobs with Ctrl-C ignored, and the tests may be one.
SCRIPT = (
    "import signal; signal.signal(signal.SIGINT, signal.default_int_handler);"
    "from search.cli import main; main()"
)
SPEC = {
    "name": "digits",
    "data": {"kind": "digits", "limit": 400},
    "search": {
        "trials": 2,
        "epochs": 2,
        "scheduler": "none",
        "networks": [{"kind": "lenet", "width": 2.0}],
    },
    "prune": {"targets": [0.3], "episodes": 3, "round_to": 2},
    "finetune": {"epochs": 2},
    "publish": {"max_accuracy_drop": 1.0, "min_flops_cut": 0.1},
}

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not ENVIRONMENT, reason=f"{VARIABLE} names no environment of a server"),
]

Secateur = Callable[..., subprocess.CompletedProcess[str]]


@dataclass(frozen=True)
class Desk:
    """Where a member works.

    Attributes:
        member: who.
        folder: the working directory.
        ray: for Ray's sockets, whose paths may have some 100 characters.
    """

    member: Member
    folder: Path
    ray: Path

    @property
    def environment(self) -> dict[str, str]:
        own = {"SECATEUR_HOME": str(self.folder / "runs"), "RAY_TMPDIR": str(self.ray)}
        return os.environ | own | self.member.environment

    def start(self, *arguments: str, **environment: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [sys.executable, "-u", "-c", SCRIPT, *arguments],
            env=self.environment | environment,
            cwd=self.folder,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )

    def secateur(self, *arguments: str, **environment: str) -> tuple[int, str]:
        """Exit code and output of a command."""
        process = self.start(*arguments, **environment)
        said, _ = process.communicate(timeout=240)
        return process.returncode, said


def commands(word: str) -> str:
    """The one example of the guide that holds a word."""
    (found,) = (
        block for block in re.findall(r"```sh\n(.*?)```", GUIDE, re.DOTALL) if word in block
    )
    return found


@pytest.fixture(scope="module")
def administered(team: Team) -> Callable[[str], str]:
    """Runs an example of the guide after the one that signs the administrator in."""

    def run(example: str) -> str:
        script = example.replace(":5000", f":{team.admin.uri.rpartition(':')[2]}")
        script = script.replace("$HOME/team", str(team.folder))
        done = subprocess.run(
            ["sh", "-eu", "-c", script], cwd=ROOT, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    return run


@pytest.fixture(scope="module")
def members(team: Team, administered: Callable[[str], str]) -> tuple[Member, Member]:
    """Anna and Bela, added as the guide says."""
    anna, bela = administered(commands("add anna")).split()
    return Member(team.admin.uri, "anna", anna), Member(team.admin.uri, "bela", bela)


@pytest.fixture(scope="module")
def desk(
    members: tuple[Member, Member], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Desk]:
    """Anna's, with a small job."""
    folder, ray = tmp_path_factory.mktemp("anna"), tempfile.mkdtemp(prefix="ray", dir="/tmp")
    (folder / "job.yaml").write_text(yaml.safe_dump(SPEC))
    yield Desk(members[0], folder, Path(ray))
    shutil.rmtree(ray, ignore_errors=True)


@pytest.fixture(scope="module")
def finished(desk: Desk) -> str:
    """What Anna's job printed."""
    code, said = desk.secateur("run", "job.yaml")
    assert code == 0, said
    return said


@pytest.fixture(scope="module")
def runs(desk: Desk, finished: str) -> Iterator[list[Run]]:
    with pytest.MonkeyPatch.context() as patch:
        for name, value in desk.member.environment.items():
            patch.setenv(name, value)
        client = MlflowClient(desk.member.uri)
        experiment = client.get_experiment_by_name("digits")
        yield list(client.search_runs([experiment.experiment_id]))


def test_a_member_runs_a_job(finished: str, runs: list[Run]) -> None:
    assert "digits version 1 is champion" in finished
    assert "tracking:" not in finished
    assert {run.info.status for run in runs} == {"FINISHED"}
    trials = [run for run in runs if run.data.tags["secateur.key"].startswith("search/trial")]
    assert len(trials) == 2
    assert all(run.info.artifact_uri.startswith("mlflow-artifacts:/") for run in runs)


def test_nothing_of_it_lies_with_the_member(desk: Desk, finished: str) -> None:
    assert not list(desk.folder.rglob("mlartifacts"))
    assert not list(desk.folder.rglob("mlflow.db"))


def test_promote_and_rollback(desk: Desk, finished: str) -> None:
    code, said = desk.secateur("run", "job.yaml", "--restart")
    assert code == 0, said
    assert "digits version 2 is champion" in said
    assert desk.secateur("rollback", "digits") == (
        0, "digits version 1 is champion, after version 2\n",
    )  # fmt: skip
    assert desk.secateur("promote", "digits", "--version", "2") == (
        0, "digits version 2 is champion, after version 1\n",
    )  # fmt: skip


def test_serve(desk: Desk, finished: str) -> None:
    process = desk.start("serve", "digits", "--port", "0")
    try:
        for line in process.stdout:
            if "digits at http://" in line:
                break
        else:
            pytest.fail("the server ended")
    finally:
        os.killpg(process.pid, signal.SIGINT)
        process.communicate(timeout=60)
    assert process.returncode in (0, 130)


def test_a_colleague_sees_what_is_granted(
    desk: Desk,
    finished: str,
    members: tuple[Member, Member],
    administered: Callable[[str], str],
) -> None:
    bela = Desk(members[1], desk.folder, desk.ray)
    said = bela.secateur("rollback", "digits")[1]
    assert "models:/digits@champion: not in the registry at" in said
    assert "(403, permission denied; set MLFLOW_TRACKING_USERNAME" in said
    said = bela.secateur("validate", "job.yaml")[1]
    assert f"tracking: {bela.member.uri} does not answer: 403, permission denied" in said
    administered(commands("add anna").split("\n\n")[0] + "\n" + commands("grant bela"))
    refused = bela.secateur("rollback", "digits")[1]
    assert "403, permission denied" in refused  # to look is not to change
    with pytest.MonkeyPatch.context() as patch:
        for name, value in bela.member.environment.items():
            patch.setenv(name, value)
        assert MlflowClient(bela.member.uri).get_registered_model("digits").name == "digits"


def test_a_wrong_password(desk: Desk) -> None:
    wrong = {"MLFLOW_TRACKING_PASSWORD": "wrong"}
    code, said = desk.secateur("promote", "digits", **wrong)
    assert (code, len(said.splitlines())) == (2, 1)
    assert "401, who asks is not known; set MLFLOW_TRACKING_USERNAME" in said
    code, said = desk.secateur("validate", "job.yaml", **wrong)
    assert code == 0
    assert "401, who asks is not known; set MLFLOW_TRACKING_USERNAME" in said


def test_a_name_that_the_server_does_not_go_by(desk: Desk) -> None:
    """127.1 is another way to write 127.0.0.1, and none of the server's names."""
    port = desk.member.uri.rpartition(":")[2]
    code, said = desk.secateur("promote", "digits", MLFLOW_TRACKING_URI=f"http://127.1:{port}")
    assert (code, len(said.splitlines())) == (2, 1)
    assert "403, it does not go by the name in MLFLOW_TRACKING_URI; expected one of" in said
