"""The scripts that start several nodes on one machine; tests/chaos plays on their clusters."""

from __future__ import annotations

import os
import stat
import subprocess
from pathlib import Path

LAPTOP = Path(__file__).parents[2] / "clusters" / "laptop"


def run(script: str, *arguments: object, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [LAPTOP / script, *map(str, arguments)],
        env=os.environ | environment, capture_output=True, text=True, check=False, timeout=240,
    )  # fmt: skip


def test_clients_get_a_token_that_nobody_else_may_read(tmp_path: Path) -> None:
    assert run("client.sh", tmp_path, SECATEUR_CLUSTER_DASHBOARD="8275").returncode == 0
    token = tmp_path / "token"
    assert len(token.read_text()) == 64
    assert {stat.S_IMODE(path.stat().st_mode) for path in tmp_path.iterdir()} == {0o600}
    shell = f". {tmp_path}/client.env; echo $RAY_AUTH_MODE $RAY_AUTH_TOKEN_PATH $SECATEUR_ADDRESS"
    told = subprocess.run(["sh", "-c", shell], capture_output=True, text=True, check=True)
    assert told.stdout == f"token {token} http://127.0.0.1:8275\n"


def test_a_token_that_is_there_stays(tmp_path: Path) -> None:
    run("client.sh", tmp_path)
    before = (tmp_path / "token").read_text()
    run("client.sh", tmp_path)
    assert (tmp_path / "token").read_text() == before


def test_a_folder_too_deep_for_sockets_is_refused(tmp_path: Path) -> None:
    done = run("node.sh", "/tmp/" + "a" * 31, "head")
    assert done.returncode == 2
    assert "expected a path of at most 35 characters" in done.stderr
