"""The stack of containers: its files agree with each other and with what they start."""

from __future__ import annotations

import hashlib
import json
import re
import shutil
import stat
import subprocess
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.clusters.tools import (
    CLUSTERS,
    IMAGE,
    judged,
    known_to_ray,
    needs_linters,
    needs_promtool,
    options_of,
    read,
)

FOLDER = CLUSTERS / "compose"
COMPOSE = (FOLDER / "compose.yaml", FOLDER / "mlflow.yaml", FOLDER / "gpu.yaml")
NODES = ("head", "worker", "gateway", "serving")


@cache
def services() -> dict[str, dict[str, Any]]:
    return {name: made for path in COMPOSE[:2] for name, made in read(path)["services"].items()}


@pytest.fixture
def secrets(tmp_path: Path) -> Path:
    """A folder with what secrets.sh writes."""
    subprocess.run([FOLDER / "secrets.sh", tmp_path], check=True)
    return tmp_path


def variables(secrets: Path) -> dict[str, str]:
    lines = (secrets / ".env").read_text().splitlines()
    return dict(line.split("=", 1) for line in lines)


def test_images_are_pinned_and_ours_is_one() -> None:
    assert {services()[name]["image"] for name in NODES} == {IMAGE}
    named = {made["image"] for name, made in services().items() if "image" in made}
    assert all(re.fullmatch(r"[\w/]+:v?\d+(\.\d+){1,2}", image) for image in named)


@pytest.mark.parametrize("name", NODES)
def test_our_containers_may_do_nothing(name: str) -> None:
    made = services()[name]
    assert made["read_only"] is True
    assert made["cap_drop"] == ["ALL"]
    assert made["security_opt"] == ["no-new-privileges:true"]
    assert "RAY_AUTH_TOKEN" in made["environment"]


def test_ports_are_open_to_this_machine_alone_unless_said() -> None:
    published = [port for made in services().values() for port in made.get("ports", ())]
    assert published
    assert all(port.startswith("${BIND:-127.0.0.1}:") for port in published)


def test_files_that_containers_are_given_are_there(secrets: Path) -> None:
    given = [
        volume.split(":")[0]
        for made in services().values()
        for volume in made.get("volumes", ())
        if volume.startswith("./")
    ]
    assert len(given) == 7
    for name in given:
        assert (FOLDER / name).is_file() or (secrets / name).is_file()


def test_volumes_are_declared() -> None:
    declared = {name for path in COMPOSE[:2] for name in read(path)["volumes"]}
    used = {
        volume.split(":")[0]
        for made in services().values()
        for volume in made.get("volumes", ())
        if not volume.startswith((".", "$"))
    }
    assert used == declared


def test_ray_is_started_with_options_that_it_has() -> None:
    for name in ("head", "worker"):
        command = services()[name]["command"]
        assert command[:2] == ["ray", "start"]
        known_to_ray(options_of(command))
    assert "--num-cpus=0" in services()["head"]["command"]


@pytest.mark.parametrize("name", ["serving", "gateway"])
def test_servers_are_started_with_options_that_they_have(name: str) -> None:
    from search.cli import main

    program, command, *rest = services()[name]["command"]
    assert program == "secateur"
    there = {option for part in main.commands[command].params for option in part.opts}
    assert set(options_of(rest)) <= there


def test_one_worker_has_all_gpus() -> None:
    """Docker counts GPUs from the first one on: two workers of one each would share it."""
    made = read(FOLDER / "gpu.yaml")["services"]["worker"]["deploy"]
    (device,) = made["resources"]["reservations"]["devices"]
    assert (made["replicas"], device["count"]) == (1, "all")


def test_every_secret_that_is_asked_for_is_written(secrets: Path) -> None:
    asked = {
        name
        for path in (*COMPOSE, CLUSTERS / "mlflow" / "compose.yaml")
        for name in re.findall(r"\$\{(\w+):\?", path.read_text())
    }
    assert asked <= set(variables(secrets))


def test_secrets_are_made_once_and_for_their_owner_alone(secrets: Path) -> None:
    first = (secrets / ".env").read_text()
    subprocess.run([FOLDER / "secrets.sh", secrets], check=True)
    assert (secrets / ".env").read_text() == first
    assert stat.S_IMODE((secrets / ".env").stat().st_mode) == 0o600
    # Containers of other users read what is in it; nobody else of this machine gets that far.
    assert stat.S_IMODE((secrets / "secrets").stat().st_mode) == 0o700
    values = [value for name, value in variables(secrets).items() if name != "SECATEUR_API_KEYS"]
    assert len(set(values)) == len(values)


def test_a_system_with_shasum_alone_has_digests_too(tmp_path: Path) -> None:
    """macOS is one; an empty digest would open the gateway to nobody."""
    programs = tmp_path / "bin"
    programs.mkdir()
    for name in ("sh", "dirname", "mkdir", "od", "tr", "cut", "grep", "sed", "cat", "chmod", "mv"):
        (programs / name).symlink_to(str(shutil.which(name)))
    (programs / "shasum").write_text(f"#!/bin/sh\nexec {shutil.which('sha256sum')}\n")
    (programs / "shasum").chmod(0o755)
    subprocess.run(
        [FOLDER / "secrets.sh", tmp_path], env={"PATH": str(programs)}, check=True, timeout=60
    )
    digest = hashlib.sha256(variables(tmp_path)["TEAM_KEY"].encode()).hexdigest()
    assert read(tmp_path / "secrets" / "gateway.yaml")["teams"]["team"]["keys"]["team"] == digest
    assert digest in variables(tmp_path)["SECATEUR_API_KEYS"]


def test_the_gateway_and_the_server_know_the_teams_key(secrets: Path) -> None:
    from serving.gateway.spec import parse
    from serving.keys import Keys

    written = variables(secrets)
    settings = parse(read(secrets / "secrets" / "gateway.yaml"))
    keys = Keys.find(None, {"SECATEUR_API_KEYS": written["SECATEUR_API_KEYS"].strip('"')})
    digest = subprocess.run(
        ["sha256sum"], input=written["TEAM_KEY"], capture_output=True, text=True, check=True
    ).stdout.split()[0]
    assert settings.teams["team"].keys == {"team": digest}
    assert keys is not None
    assert keys.match(written["TEAM_KEY"]) == keys.entries[0]
    assert settings.operators["prometheus"] != digest


def test_prometheus_has_the_key_that_opens_metrics_and_no_model(secrets: Path) -> None:
    from serving.gateway.members import operators
    from serving.gateway.spec import parse
    from serving.keys import Keys

    secret = (secrets / "secrets" / "prometheus.key").read_text()
    assert len(secret) == 48
    settings = parse(read(secrets / "secrets" / "gateway.yaml"))
    assert operators(settings).match(secret) is not None
    keys = Keys.find(
        None, {"SECATEUR_API_KEYS": variables(secrets)["SECATEUR_API_KEYS"].strip('"')}
    )
    key = keys.match(secret)
    assert key is not None
    assert (key.client, key.opens("digits")) == ("prometheus", False)
    asked = {job["job_name"]: job for job in read(FOLDER / "prometheus.yaml")["scrape_configs"]}
    for guarded in ("serving", "gateway"):
        assert asked[guarded]["authorization"] == {"credentials_file": "prometheus.key"}


def test_prometheus_asks_services_that_are_there() -> None:
    asked = set()
    for job in read(FOLDER / "prometheus.yaml")["scrape_configs"]:
        for found in job.get("dns_sd_configs", ()):
            asked |= {(name, found["port"]) for name in found["names"]}
        for fixed in job.get("static_configs", ()):
            asked |= {tuple(target.split(":")) for target in fixed["targets"]}
    assert {name for name, _ in asked} == set(NODES)
    for name in ("head", "worker"):
        assert "--metrics-export-port=8080" in services()[name]["command"]


def panels() -> list[dict[str, Any]]:
    board = json.loads((FOLDER / "grafana" / "secateur.json").read_text())
    return [panel for panel in board["panels"] if panel["type"] != "row"]


def expressions() -> list[str]:
    """All that is asked of Prometheus, by the dashboard and by the alerts."""
    shown = [target["expr"] for panel in panels() for target in panel["targets"]]
    groups = read(FOLDER / "rules.yaml")["groups"]
    return shown + [rule["expr"] for group in groups for rule in group["rules"]]


def test_metrics_that_are_asked_for_exist() -> None:
    """Ray's are those of its own dashboards, of the installed version."""
    import ray.dashboard.modules.metrics.dashboards as boards

    from serving import model_metrics
    from serving.gateway import job_metrics
    from serving.metrics import Metrics

    asked = {name for text in expressions() for name in re.findall(r"(?:ray|secateur)_\w+", text)}
    folder = Path(boards.__file__).parent
    texts = "".join(path.read_text() for path in folder.glob("*.py"))
    there = set(re.findall(r"ray_\w+", texts))
    for family in Metrics().families():
        ends = {"histogram": ("_bucket", "_sum", "_count"), "counter": ("_total",)}
        there |= {family.name + end for end in ends.get(family.type, ("",))}
    for module in (job_metrics, model_metrics):
        there |= set(re.findall(r'"(secateur_\w+)"', Path(module.__file__).read_text()))
    from search import telemetry

    own = (telemetry.DONE, telemetry.TOTAL, telemetry.RUNNING, telemetry.FAILED)
    there |= {f"ray_{name}" for name in own}
    assert asked <= there
    assert len(asked) > 20


def test_panels_lie_beside_each_other() -> None:
    """On 24 columns, none over another, each with a question of its own."""
    taken = set()
    for panel in panels():
        place = panel["gridPos"]
        cells = {
            (x, y)
            for x in range(place["x"], place["x"] + place["w"])
            for y in range(place["y"], place["y"] + place["h"])
        }
        assert not cells & taken
        assert max(x for x, _ in cells) < 24
        taken |= cells
    assert len({panel["title"] for panel in panels()}) == len(panels())


@pytest.mark.slow
@needs_linters
@pytest.mark.parametrize("path", COMPOSE, ids=lambda path: path.stem)
def test_compose_holds_its_schema(path: Path) -> None:
    judged("check-jsonschema", "--builtin-schema", "vendor.compose-spec", path)


@pytest.mark.slow
@needs_promtool
def test_prometheus_takes_its_files(secrets: Path) -> None:
    """With the key that it shows to the gateway beside them, as the container has it."""
    for name in ("prometheus.yaml", "rules.yaml"):
        (secrets / name).write_text((FOLDER / name).read_text())
    (secrets / "prometheus.key").write_text("key")
    assert "7 rules found" in judged("promtool", "check", "config", secrets / "prometheus.yaml")


@pytest.mark.slow
@needs_promtool
def test_alerts_sound_when_they_should() -> None:
    folder = Path(__file__).parent
    assert "SUCCESS" in judged("promtool", "test", "rules", "rules_test.yaml", folder=folder)
    alerts = {
        rule["alert"] for group in read(FOLDER / "rules.yaml")["groups"] for rule in group["rules"]
    }
    tested = {
        rule["alertname"]
        for test in read(folder / "rules_test.yaml")["tests"]
        for rule in test["alert_rule_test"]
    }
    assert tested == alerts


@pytest.mark.slow
@needs_promtool
def test_prometheus_understands_every_question(tmp_path: Path) -> None:
    asked = [{"record": f"of:{n}", "expr": text} for n, text in enumerate(expressions())]
    rules = tmp_path / "rules.yaml"
    rules.write_text(yaml.safe_dump({"groups": [{"name": "all", "rules": asked}]}))
    assert f"{len(asked)} rules found" in judged("promtool", "check", "rules", rules)
