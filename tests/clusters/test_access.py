"""Who may do what on a team's server, asked over HTTP: ``make test-team``."""

from __future__ import annotations

import stat
import subprocess

import pytest
import requests
from mlflow import MlflowClient
from mlflow.exceptions import MlflowException

from benchmarks.team import ENVIRONMENT, VARIABLE, Member, Team

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not ENVIRONMENT, reason=f"{VARIABLE} names no environment of a server"),
]

EXPERIMENTS = "/api/2.0/mlflow/experiments/create"


@pytest.fixture(scope="module")
def eva(team: Team) -> Member:
    return team.add("eva")


@pytest.fixture(scope="module")
def otto(team: Team) -> Member:
    return team.add("otto")


@pytest.fixture(scope="module")
def run(eva: Member) -> str:
    """A run of Eva's with a file."""
    made = ask(eva, "POST", EXPERIMENTS, name="hers").json()["experiment_id"]
    created = ask(eva, "POST", "/api/2.0/mlflow/runs/create", experiment_id=made).json()["run"]
    path = created["info"]["artifact_uri"].removeprefix("mlflow-artifacts:/")
    put = requests.put(
        f"{eva.uri}/api/2.0/mlflow-artifacts/artifacts/{path}/note.txt",
        data=b"secret",
        auth=(eva.name, eva.password),
        timeout=30,
    )
    assert put.status_code == 200, put.text
    return str(created["info"]["run_id"])


def ask(
    member: Member | None,
    method: str,
    path: str,
    headers: dict[str, str] | None = None,
    **body: object,
) -> requests.Response:
    return requests.request(
        method,
        f"{member.uri}{path}",
        json=body or None,
        headers=headers,
        auth=(member.name, member.password),
        timeout=30,
    )


def test_nobody_enters_without_a_password(team: Team, eva: Member) -> None:
    uri = team.admin.uri
    stranger, wrong = Member(uri, "stranger", "x" * 12), Member(uri, eva.name, "x" * 12)
    for path in ("/", "/api/2.0/mlflow/experiments/search?max_results=1", "/get-artifact"):
        assert requests.get(f"{uri}{path}", timeout=30).status_code == 401
        assert ask(stranger, "GET", path).status_code == 401
        assert ask(wrong, "GET", path).status_code == 401
    assert requests.get(f"{uri}/health", timeout=30).status_code == 200


@pytest.mark.parametrize(
    "place",
    [
        "file:///etc",
        "/etc",
        "s3://somebody-elses",
        "mlflow-artifacts:/0",
        "mlflow-artifacts:/1/../../etc",
        "mlflow-artifacts://127.0.0.1:9/1",
        "http://127.0.0.1:9/",
    ],
)
@pytest.mark.parametrize("field", ["artifact_location", "artifactLocation"])
def test_an_experiment_lies_nowhere_but_behind_the_server(
    team: Team, eva: Member, place: str, field: str
) -> None:
    for member in (eva, team.admin):
        body = {"name": f"{member.name} {field} {place}", field: place}
        answer = ask(member, "POST", EXPERIMENTS, **body)
        assert answer.status_code == 400, answer.text
        found = "/api/2.0/mlflow/experiments/get-by-name"
        assert ask(member, "GET", f"{found}?experiment_name={body['name']}").status_code == 404


def test_a_model_comes_from_nowhere_but_the_server(eva: Member) -> None:
    assert ask(eva, "POST", "/api/2.0/mlflow/registered-models/create", name="m").status_code == 200
    for source in ("file:///etc", "s3://somebody-elses/model", "mlflow-artifacts://127.0.0.1:9/1"):
        answer = ask(eva, "POST", "/api/2.0/mlflow/model-versions/create", name="m", source=source)
        assert answer.status_code == 400
        assert "Invalid model version source" in answer.text


def test_members_see_what_they_are_granted(team: Team, eva: Member, otto: Member, run: str) -> None:
    def status(path: str, **body: object) -> int:
        return ask(otto, "POST" if body else "GET", path, **body).status_code

    def looks() -> list[int]:
        return [
            status(f"/api/2.0/mlflow/runs/get?run_id={run}"),
            status(f"/get-artifact?run_id={run}&path=note.txt"),
        ]

    note = {"run_id": run, "key": "note", "value": "otto was here"}
    assert looks() == [403, 403]
    assert status("/api/2.0/mlflow/runs/set-tag", **note) == 403
    for level, written in (("READ", 403), ("EDIT", 200)):
        done = team.admin.team("grant", "otto", "experiment", "hers", level)
        assert (done.returncode, done.stdout) == (0, ""), done.stderr
        assert looks() == [200, 200]
        assert status("/api/2.0/mlflow/runs/set-tag", **note) == written
    assert team.admin.team("revoke", "otto", "experiment", "hers").returncode == 0
    assert looks() == [403, 403]


def test_only_the_administrator_changes_the_team(team: Team, eva: Member) -> None:
    refused = eva.team("add", "mallory")
    assert refused.returncode == 1
    assert "Permission denied" in refused.stderr
    assert (
        "no experiment is named 'nowhere'"
        in team.admin.team("grant", "eva", "experiment", "nowhere", "READ").stderr
    )
    assert "already exists" in team.admin.team("add", "eva").stderr
    refused = team.admin.team("grant", "eva", "experiment", "hers", "ALL")
    assert "'ALL' is not a level; expected READ, EDIT or MANAGE" in refused.stderr
    assert team.admin.team("grant", "eva").returncode == 2


def test_a_new_password_and_a_member_who_leaves(team: Team) -> None:
    member = team.add("ida")
    done = team.admin.team("password", "ida")
    assert done.returncode == 0, done.stderr
    again = Member(member.uri, "ida", done.stdout.strip())
    assert again.password != member.password
    path = "/api/2.0/mlflow/users/current"
    assert ask(again, "GET", path).status_code == 200
    assert team.admin.team("remove", "ida").returncode == 0
    assert team.admin.team("remove", "ida").returncode == 1


def test_the_server_goes_by_its_own_names_and_in_no_frame(eva: Member) -> None:
    answer = ask(eva, "GET", "/", headers={"Host": "evil.example:80"})
    assert (answer.status_code, "Invalid Host header" in answer.text) == (403, True)
    assert ask(eva, "GET", "/").headers["X-Frame-Options"] == "DENY"
    foreign = {"Origin": "http://evil.example"}
    answer = ask(eva, "POST", EXPERIMENTS, headers=foreign, name="foreign")
    assert (answer.status_code, "Cross-origin" in answer.text) == (403, True)


def test_passwords_lie_with_their_owner_alone(team: Team) -> None:
    assert stat.S_IMODE((team.folder / "secrets.env").stat().st_mode) == 0o600
    secrets = [line.split("=")[1] for line in (team.folder / "secrets.env").read_text().split()]
    listed = subprocess.run(["ps", "-eo", "args"], capture_output=True, text=True, check=True)
    assert "mlflow" in listed.stdout
    assert not any(secret in listed.stdout for secret in secrets)
    assert not any(secret in "".join(team.said) for secret in secrets)


def test_mlflows_client_is_told_the_same(otto: Member, run: str, monkeypatch) -> None:
    for name, value in otto.environment.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(MlflowException, match="Permission denied"):
        MlflowClient(otto.uri).get_run(run)
