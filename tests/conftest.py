"""What tests of several packages share: the same chance every time, a Ray, and a browser."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

# An environment with playwright, as `make test-browser` makes it.
BROWSER = "SECATEUR_BROWSER"
# Where to leave the screenshots for people to look at.
SHOTS = "SECATEUR_SCREENSHOTS"
CHROMIUMS = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")

os.environ["RAY_USAGE_STATS_ENABLED"] = "0"
os.environ["RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO"] = "0"
os.environ["OMP_NUM_THREADS"] = "1"


@pytest.fixture(autouse=True)
def _reproducible() -> None:
    """One thread, and a seed for what draws without one: whatever ran before, alike every time."""
    if torch := sys.modules.get("torch"):
        torch.set_num_threads(1)
        torch.manual_seed(0)


@pytest.fixture(scope="session")
def ray_session() -> Iterator[None]:
    """A Ray on loopback with three logical CPUs and a logical GPU."""
    import ray

    # Ray's sockets live below this folder, and their paths may have some 100 characters.
    folder = tempfile.mkdtemp(prefix="ray", dir="/tmp")
    ray.init(
        address="local",
        num_cpus=3,
        num_gpus=1,
        include_dashboard=False,
        log_to_driver=False,
        configure_logging=False,
        _node_ip_address="127.0.0.1",
        _temp_dir=folder,
    )
    yield
    ray.shutdown()
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def browser() -> Path:
    """The browser's environment."""
    environment = os.environ.get(BROWSER)
    if not environment:
        pytest.skip(f"{BROWSER} names no environment of a browser")
    return Path(environment)


@pytest.fixture(scope="session")
def drive(tmp_path_factory: pytest.TempPathFactory, browser: Path) -> Callable[..., Any]:
    """Run a script that uses a page, in the browser's environment; what it prints as JSON.

    It is called with the browser, what it is given here, and a folder for screenshots.
    """
    chromium = next(filter(None, map(shutil.which, CHROMIUMS)), None)
    assert chromium, f"none of {', '.join(CHROMIUMS)} is on the path"

    def run(script: Path, *arguments: object) -> Any:
        shots = os.environ.get(SHOTS) or tmp_path_factory.mktemp("shots")
        done = subprocess.run(
            [browser / "bin" / "python", script, chromium, *map(str, arguments), shots],
            env=os.environ | {"PYTHONPATH": str(Path(__file__).with_name("browser"))},
            capture_output=True,
            text=True,
            check=False,
            timeout=240,
        )
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout.splitlines()[-1])

    return run
