"""Clients that others wrote, in an environment of their own: ``make test-clients``."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from serving.catalogue import Catalogue, Open
from serving.gateway.spec import GatewaySpec
from serving.limits import Limits
from serving.source import FolderSource
from serving.web import create_app
from tests.serving.gateway.conftest import ONE, World
from tests.serving.jobs.fake import FakeCluster
from tests.serving.kinds import Listen

HERE = Path(__file__).parent
VARIABLE = "SECATEUR_CLIENTS"
ENVIRONMENT = os.environ.get(VARIABLE)

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not ENVIRONMENT, reason=f"{VARIABLE} names no environment of clients"),
]

DARK, BRIGHT = 0.1192029, 0.8807971

Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture(scope="module")
def address(saved: Path, opened: Open, listen: Listen) -> Iterator[str]:
    """The app behind a socket, without Ray."""
    catalogue = Catalogue.load([FolderSource("brightness", saved, "7")], opened)
    with listen(create_app(catalogue, Limits())) as address:
        yield address


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    def start(program: str, *arguments: object) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [Path(ENVIRONMENT or "", "bin", program), *map(str, arguments)],
            capture_output=True,
            text=True,
            check=False,
            cwd=tmp_path_factory.mktemp("clients"),
        )

    return start


def test_tritonclient(address: str, run: Run) -> None:
    done = run("python", HERE / "triton.py", address)
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout.splitlines()[-1])
    assert found["live"]
    assert found["ready"]
    assert found["extensions"] == ["binary_tensor_data", "classification"]
    assert found["labels"] == ["dark", "bright"]
    assert found["bright"] == [pytest.approx([DARK, BRIGHT])] * 18
    assert found["best"] == [["0.880797:0:dark"], ["0.880797:1:bright"]]
    assert found["gzip"] == found["deflate"] == [200, 2]
    assert found["error"] == ["400", "shape [1, 1, 4, 5] does not fit; expected [n >= 1, 1, 4, 4]"]


def test_kserve(address: str, run: Run) -> None:
    done = run("python", HERE / "kserve_client.py", address)
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout.splitlines()[-1])
    assert found["live"]
    assert found["ready"]
    assert found["bright"] == [pytest.approx(BRIGHT)] * 6


def test_schemathesis_on_a_gateway(listen: Listen, run: Run, tmp_path: Path) -> None:
    """With a job ``a`` that has ended, whose log can be followed to its end."""
    team = {"keys": {"anna": ONE}, "waiting": 10_000, "priority_max": 100}
    spec = GatewaySpec.model_validate({"teams": {"red": team}, "folder": tmp_path / "gateway"})
    world = World(spec, FakeCluster())
    world.submit("a")
    world.turn()
    world.cluster.finish("red.a", 0, "one", "two")
    world.turn()
    config = tmp_path / "schemathesis.toml"
    config.write_text('[parameters]\n"path.name" = "a"\n')
    with listen(world.app) as address:
        done = run(
            *("schemathesis", "--config-file", config, "run", "--no-color"),
            *("--header", "Authorization: Bearer one"),
            # A schema cannot say which texts are specs, and a job that was stopped is not gone.
            *("--checks", "all", "--exclude-checks", "positive_data_acceptance,use_after_free"),
            *("--max-examples", 30, "--seed", 1, f"http://{address}/openapi.json"),
        )
    world.close()
    assert done.returncode == 0, done.stdout + done.stderr


def test_schemathesis(address: str, run: Run, tmp_path: Path) -> None:
    config = tmp_path / "schemathesis.toml"
    config.write_text('[parameters]\n"path.name" = "brightness"\n"path.version" = "7"\n')
    done = run(
        *("schemathesis", "--config-file", config, "run", "--no-color"),
        # A schema cannot say which bytes are a picture, or how data must fill a shape.
        *("--checks", "all", "--exclude-checks", "positive_data_acceptance"),
        *("--max-examples", 30, "--seed", 1, f"http://{address}/openapi.json"),
    )
    assert done.returncode == 0, done.stdout + done.stderr
