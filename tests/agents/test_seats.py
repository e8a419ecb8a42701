"""Agents on a cluster of several nodes."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import pytest

from agents import seats
from agents.resources import Need

HERE = Path(__file__).parent


def test_a_bundle_for_the_agent_and_one_each_runner() -> None:
    assert seats.bundles(Need(2)) == [{"memory": 1.0}, {"CPU": 1.0}, {"CPU": 1.0}]
    runner = {"CPU": 1.0, "GPU": 0.25}
    assert seats.bundles(Need(2, 0.25)) == [{"GPU": 0.25}, runner, runner]


def test_an_agent_without_runners_is_an_ordinary_task() -> None:
    with seats.seat(Need(gpus=0.5)) as options:
        assert options == {"num_cpus": 1, "num_gpus": 0.5}


@pytest.fixture(scope="module")
def seated(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What ``seated.py`` found."""
    temporary = tempfile.mkdtemp(prefix="ray", dir="/tmp")
    done = subprocess.run(
        [sys.executable, HERE / "seated.py", temporary, tmp_path_factory.mktemp("agents")],
        env=os.environ | {"PYTHONPATH": str(HERE.parents[1])},
        capture_output=True,
        text=True,
        check=False,
        timeout=400,
    )
    shutil.rmtree(temporary, ignore_errors=True)
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


@pytest.mark.slow
def test_runners_sit_with_their_agent_and_never_on_a_head_without_cpus(
    seated: dict[str, Any],
) -> None:
    workers = {seated["nodes"]["127.0.0.3"], seated["nodes"]["127.0.0.4"]}
    for one in seated["pairs"]["sat"]:
        assert len(one["runners"]) == 2
        assert {one["node"], *one["runners"]} in ({node} for node in workers)


@pytest.mark.slow
def test_more_agents_than_there_is_room_for_wait_in_their_order(seated: dict[str, Any]) -> None:
    # Two runners each: one agent on each of the two nodes.
    assert seated["pairs"]["at_once"] == 2
    assert seated["pairs"]["order"] == [0, 1, 2, 3]


@pytest.mark.slow
def test_agents_that_share_gpus_do_not_wait_for_each_other_for_ever(
    seated: dict[str, Any],
) -> None:
    # Halves of two GPUs: four. An agent holds three, so that two agents that took theirs one
    # by one could have two each and want a third.
    assert seated["shares"]["at_once"] == 1
    assert [one["gpus"] for one in seated["shares"]["sat"]] == [0.5] * 2
    there = seated["nodes"]["127.0.0.4"]
    assert [one["runners"] for one in seated["shares"]["sat"]] == [[there] * 2] * 2


@pytest.mark.slow
def test_an_agent_larger_than_any_node_lies_on_several(seated: dict[str, Any]) -> None:
    for one in seated["three"]["sat"]:
        assert len(one["runners"]) == 3
        assert len(set(one["runners"])) == 2


@pytest.mark.slow
def test_an_agent_larger_than_the_cluster_is_refused(seated: dict[str, Any]) -> None:
    assert seated["refused"].startswith("prune.agent.runners: 5 is not usable")
    assert seated["refused"].endswith("at most what this cluster has, 4 CPUs")


@pytest.mark.slow
def test_a_real_agent_plays_on_several_nodes(seated: dict[str, Any]) -> None:
    assert seated["played"] == list(range(6))
