"""One Ray for every test that needs one; folders and sockets of its own."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator

import pytest

os.environ["RAY_USAGE_STATS_ENABLED"] = "0"
os.environ["RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO"] = "0"
os.environ["OMP_NUM_THREADS"] = "1"


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
