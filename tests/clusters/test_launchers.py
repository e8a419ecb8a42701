"""The files for ``ray up``, as Ray itself reads them."""

from __future__ import annotations

import copy
import json
import re
import shlex
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from ray.autoscaler._private.util import prepare_config, validate_config

from tests.clusters.tools import CLUSTERS, known_to_ray, options_of, read

FILES = [CLUSTERS / name / "cluster.yaml" for name in ("onpremises", "aws")]
NAMES = [path.parent.name for path in FILES]

each = pytest.mark.parametrize("path", FILES, ids=NAMES)


def judge(content: dict[str, Any]) -> dict[str, Any]:
    prepared = prepare_config(copy.deepcopy(content))
    validate_config(prepared)
    return prepared


@each
def test_ray_takes_it(path: Path) -> None:
    prepared = judge(read(path))
    assert set(prepared["available_node_types"]) >= {prepared["head_node_type"]}


def rename(content: dict[str, Any]) -> None:
    content["max_worker"] = content.pop("max_workers")


def unsure(content: dict[str, Any]) -> None:
    content["docker"]["pull_before_run"] = "perhaps"


def misspell(content: dict[str, Any]) -> None:
    content["docker"]["container"] = content["docker"]["container_name"]


@pytest.mark.parametrize("change", [rename, unsure, misspell])
@each
def test_ray_refuses_mistakes(path: Path, change: Callable[[dict[str, Any]], None]) -> None:
    """What makes the test above say something."""
    content = read(path)
    change(content)
    with pytest.raises(jsonschema.ValidationError):
        judge(content)


@each
def test_ray_is_started_with_options_that_it_has(path: Path) -> None:
    content = read(path)
    commands = content["head_start_ray_commands"] + content["worker_start_ray_commands"]
    started = [shlex.split(command) for command in commands if "ray start" in command]
    assert len(started) == 2
    for command in started:
        known_to_ray(options_of(command))


@each
def test_the_head_runs_no_trials_and_keeps_its_state(path: Path) -> None:
    content = read(path)
    (start,) = [line for line in content["head_start_ray_commands"] if "--head" in line]
    kinds = content.get("available_node_types", {})
    assert "--num-cpus=0" in start or kinds[content["head_node_type"]]["resources"] == {"CPU": 0}
    assert "RAY_gcs_storage=rocksdb" in start
    # The dashboard and Jobs API stay on the loopback of the head, behind SSH.
    assert "--dashboard-host" not in start


@each
def test_containers_may_do_nothing_and_the_token_is_in_no_file(path: Path) -> None:
    content = read(path)
    options = " ".join(content["docker"]["run_options"])
    assert "--cap-drop ALL" in options
    assert "--security-opt no-new-privileges" in options
    assert content["file_mounts"] == {"~/.ray": "~/.ray"}
    assert not re.search(r"token\s*[:=]|password\s*[:=]", path.read_text(), re.IGNORECASE)


def test_jobs_in_the_cloud_know_which_nodes_may_come() -> None:
    content = read(FILES[1])
    options = " ".join(content["docker"]["run_options"])
    (told,) = re.findall(r"--env 'SECATEUR_GROWTH=([^']+)'", options)
    kinds = [kind for kind in content["available_node_types"].values() if kind["max_workers"]]
    assert json.loads(told) == [
        {"count": kind["max_workers"], **kind["resources"]} for kind in kinds
    ]
    assert sum(kind["max_workers"] for kind in kinds) == content["max_workers"]


def test_nodes_of_the_cloud_let_only_ssh_in() -> None:
    group = read(FILES[1])["provider"]["security_group"]
    (rule,) = group["IpPermissions"]
    assert (rule["FromPort"], rule["ToPort"]) == (22, 22)
    assert {part["CidrIp"] for part in rule["IpRanges"]} != {"0.0.0.0/0"}


def test_disks_of_the_cloud_are_encrypted_and_credentials_need_a_session() -> None:
    for kind in read(FILES[1])["available_node_types"].values():
        node = kind["node_config"]
        assert all(disk["Ebs"]["Encrypted"] for disk in node["BlockDeviceMappings"])
        assert node["MetadataOptions"]["HttpTokens"] == "required"
