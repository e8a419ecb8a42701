from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest

from search import ray_environment

TIME, TIMEOUT = "RAY_grpc_client_keepalive_time_ms", "RAY_grpc_client_keepalive_timeout_ms"
READY = "RAY_SERVE_PROXY_READY_CHECK_TIMEOUT_S"

ASKED = """
import json
from search import ray_environment
ray_environment.prepare()
import ray
read = ray._config
print(json.dumps([read.grpc_client_keepalive_time_ms(), read.grpc_client_keepalive_timeout_ms()]))
"""


ASKED_OF_SERVE = """
import json
from search import ray_environment
ray_environment.prepare()
from ray.serve._private import constants as read
looks = read.PROXY_READY_CHECK_TIMEOUT_S * read.PROXY_HEALTH_CHECK_UNHEALTHY_THRESHOLD
print(json.dumps([looks, read.HTTP_PROXY_TIMEOUT]))
"""


def test_ray_takes_what_it_is_told() -> None:
    bare = {name: value for name, value in os.environ.items() if name not in {TIME, TIMEOUT}}
    # What the environment says counts more.
    command = [sys.executable, "-c", ASKED]
    said = subprocess.run(command, env=bare | {TIMEOUT: "7"}, capture_output=True, check=True)
    assert json.loads(said.stdout) == [75000, 7]


def test_serve_gives_its_proxy_all_the_time_that_it_waits_for_it() -> None:
    """It ends one that is not ready at the last of some looks, and a start then fails."""
    bare = {name: value for name, value in os.environ.items() if name != READY}
    command = [sys.executable, "-c", ASKED_OF_SERVE]
    said = subprocess.run(command, env=bare, capture_output=True, check=True)
    looks, waits = json.loads(said.stdout.splitlines()[-1])
    assert looks >= waits


def test_no_ping_comes_more_often_than_ray_lets_it() -> None:
    """Its servers end connections with more than one a minute, see its ``grpc_server.cc``."""
    assert int(ray_environment.SETTINGS[TIME]) > 60_000


def test_what_the_environment_says_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ray_environment.SETTINGS:
        monkeypatch.setenv(name, "9")
    ray_environment.prepare()
    assert {os.environ[name] for name in ray_environment.SETTINGS} == {"9"}
