"""Jobs that ask for more than their cluster will ever have."""

from __future__ import annotations

from contextlib import nullcontext
from pathlib import Path
from typing import Any

import pytest

from agents import resources
from search import joined_ray, room
from search.running import run
from secateur.errors import RegistryUnreachableError, SpecError
from secateur.spec import parse

BASE: dict[str, Any] = {"name": "job", "data": {"kind": "digits"}}
GENERATION: dict[str, Any] = BASE | {"task": "generation"}
RUNNERS = {"agent": {"kind": "ddpg", "runners": 5}}


@pytest.fixture(autouse=True)
def cluster(monkeypatch: pytest.MonkeyPatch) -> None:
    """A head without CPUs and two nodes: one GPU, and room for four runners on each."""
    nodes = [{}, {"CPU": 4.0, "GPU": 1.0}, {"CPU": 4.0}]
    there = [{"Alive": True, "Resources": node} for node in nodes]
    lost = {"Alive": False, "Resources": {"CPU": 64.0, "GPU": 8.0}}
    monkeypatch.setattr(resources.ray, "is_initialized", lambda: True)
    monkeypatch.setattr(resources.ray, "nodes", lambda: [*there, lost])


@pytest.mark.parametrize(
    "asked",
    [
        {},
        {"search": {"gpus": 1}, "prune": {"gpus": 1}, "finetune": {"gpus": 1}},
        {"search": {"parallel": 1000}},
        {"prune": None, "finetune": None, "search": {"gpus": 1}},
        # On both nodes.
        {"prune": RUNNERS},
    ],
)
def test_what_the_cluster_holds_in_turns_is_fine(asked: dict[str, Any]) -> None:
    room.check(parse(BASE | asked))


@pytest.mark.parametrize(
    ("spec", "field"),
    [
        (BASE | {"search": {"gpus": 0.5}}, "search.gpus"),
        (BASE | {"finetune": {"gpus": 0.5}}, "finetune.gpus"),
        (BASE | {"prune": {"gpus": 0.5}}, "prune.gpus"),
        (GENERATION | {"recover": {"gpus": 0.5}}, "recover.gpus"),
    ],
)
def test_a_cluster_without_gpus_refuses_shares_of_them(
    spec: dict[str, Any], field: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    node = {"Alive": True, "Resources": {"CPU": 64.0}}
    monkeypatch.setattr(resources.ray, "nodes", lambda: [node])
    expected = rf"^{field}: 0\.5 .* at most what this cluster has, 0 GPUs"
    with pytest.raises(SpecError, match=expected):
        room.check(parse(spec))


def test_agents_of_several_processes_need_room_for_all_of_them() -> None:
    with pytest.raises(SpecError, match=r"^prune\.agent\.runners: 9 .*8 CPUs"):
        room.check(parse(BASE | {"prune": {"agent": {"kind": "ddpg", "runners": 9}}}))
    # Four runners and the agent hold five shares of the one GPU.
    four = {"agent": {"kind": "ddpg", "runners": 4}}
    room.check(parse(BASE | {"prune": four | {"gpus": 0.2}}))
    with pytest.raises(SpecError, match=r"^prune\.gpus: 0\.25 .*1 GPUs"):
        room.check(parse(BASE | {"prune": four | {"gpus": 0.25}}))


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("SECATEUR_HOME", str(tmp_path))
    monkeypatch.setattr(joined_ray, "any_ray", lambda _: nullcontext())
    return tmp_path


def test_a_refused_job_lets_go_of_its_name(home: Path) -> None:
    job = parse(BASE | {"prune": {"agent": {"kind": "ddpg", "runners": 9}}})
    with pytest.raises(SpecError, match=r"^prune\.agent\.runners: 9"):
        run(job)
    assert not list(home.rglob("job.json"))


def test_a_store_that_cannot_be_opened_is_told_before_anything_is_done(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
    (home / "mlflow.db").write_text("no database, but as long as the head of one " * 100)
    with pytest.raises(RegistryUnreachableError, match=r"mlflow\.db.*file is not a database"):
        run(parse(BASE))
    assert not list(home.rglob("job.json"))
