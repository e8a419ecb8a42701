from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest

from search import ray_environment

TIME, TIMEOUT = "RAY_grpc_client_keepalive_time_ms", "RAY_grpc_client_keepalive_timeout_ms"

ASKED = """
import json
from search import ray_environment
ray_environment.prepare()
import ray
read = ray._config
print(json.dumps([read.grpc_client_keepalive_time_ms(), read.grpc_client_keepalive_timeout_ms()]))
"""


def test_ray_takes_what_it_is_told() -> None:
    bare = {name: value for name, value in os.environ.items() if name not in {TIME, TIMEOUT}}
    # What the environment says counts more.
    command = [sys.executable, "-c", ASKED]
    said = subprocess.run(command, env=bare | {TIMEOUT: "7"}, capture_output=True, check=True)
    assert json.loads(said.stdout) == [75000, 7]


def test_no_ping_comes_more_often_than_ray_lets_it() -> None:
    """Its servers end connections with more than one a minute, see its ``grpc_server.cc``."""
    assert int(ray_environment.SETTINGS[TIME]) > 60_000


def test_what_the_environment_says_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ray_environment.SETTINGS:
        monkeypatch.setenv(name, "9")
    ray_environment.prepare()
    assert {os.environ[name] for name in ray_environment.SETTINGS} == {"9"}
