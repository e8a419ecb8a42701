"""The definitions of a team's server, as their own tools judge them: ``make test-clusters``."""

from __future__ import annotations

import os
import re
import stat
import subprocess
from pathlib import Path

import pytest

from benchmarks.team import SCRIPTS
from tests.clusters.tools import judged, needs_linters

PASSWORD = re.compile(r"(\w+)=([0-9a-f]{48})")


@pytest.mark.slow
@needs_linters
def test_compose() -> None:
    judged("check-jsonschema", "--builtin-schema", "vendor.compose-spec", SCRIPTS / "compose.yaml")


@pytest.mark.slow
@needs_linters
def test_image() -> None:
    judged("hadolint", SCRIPTS / "Dockerfile")


def test_images_are_pinned() -> None:
    """Each is named with a version of three parts or two, which no other release gets."""
    images = re.findall(r"^FROM (\S+)", (SCRIPTS / "Dockerfile").read_text(), re.MULTILINE)
    images += re.findall(r"image: (\S+)", (SCRIPTS / "compose.yaml").read_text())
    assert [image.split(":")[0] for image in images] == ["python", "postgres"]
    assert all(re.search(r":\d+\.\d+", image) for image in images)


def test_the_container_has_every_file_that_the_server_reads() -> None:
    copied = re.findall(r"^COPY (.*) \./?$", (SCRIPTS / "Dockerfile").read_text(), re.MULTILINE)
    read = re.findall(r"\$here/([\w.]+)", (SCRIPTS / "serve.sh").read_text())
    assert {"serve.sh", "requirements.txt", *read} <= {
        name for line in copied for name in line.split()
    }


def test_server_and_jobs_have_the_same_mlflow() -> None:
    locks = [SCRIPTS / "requirements.txt", SCRIPTS.parents[1] / "requirements.lock"]
    pinned = [re.findall(r"^mlflow==\S+", lock.read_text(), re.MULTILINE) for lock in locks]
    assert pinned[0] == pinned[1] != []


def test_passwords_are_made_once_and_for_their_owner_alone(tmp_path: Path) -> None:
    file = tmp_path / "secrets.env"
    subprocess.run([SCRIPTS / "secrets.sh", file], check=True)
    first = file.read_text()
    made = dict(PASSWORD.fullmatch(line).groups() for line in first.splitlines())
    assert set(made) == {
        "MLFLOW_AUTH_ADMIN_PASSWORD", "MLFLOW_FLASK_SERVER_SECRET_KEY", "PGPASSWORD",
    }  # fmt: skip
    assert len(set(made.values())) == 3
    file.chmod(0o644)
    subprocess.run([SCRIPTS / "secrets.sh", file], check=True)
    assert file.read_text() == first
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


@pytest.mark.parametrize("missing", ["MLFLOW_AUTH_ADMIN_PASSWORD", "MLFLOW_ARTIFACTS_DESTINATION"])
def test_the_server_says_what_it_lacks(missing: str) -> None:
    given = dict.fromkeys(
        ("MLFLOW_AUTH_ADMIN_PASSWORD", "MLFLOW_FLASK_SERVER_SECRET_KEY",
         "MLFLOW_ARTIFACTS_DESTINATION"), "given",
    )  # fmt: skip
    del given[missing]
    done = subprocess.run(
        [SCRIPTS / "serve.sh"],
        env={"PATH": os.environ["PATH"]} | given,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode != 0
    assert f"{missing}: is not set; " in done.stderr


def test_members_are_named_in_letters(monkeypatch: pytest.MonkeyPatch) -> None:
    """A name goes into JSON: what could end a string there is refused before anything is sent."""
    for variable in ("URI", "USERNAME", "PASSWORD"):
        monkeypatch.setenv(f"MLFLOW_TRACKING_{variable}", "http://127.0.0.1:9")
    done = subprocess.run(
        [SCRIPTS / "team.sh", "add", 'eva", "is_admin": "true'],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert "is not usable; expected letters, digits" in done.stderr
