"""The stage that finds a policy, by one protocol."""

from __future__ import annotations

from pathlib import Path

import ray
import torch

from agents import exploration
from benchmarks.cifar10.case import Case
from benchmarks.cifar10.clock import Clock
from secateur.errors import ArtifactError
from secateur.records import Episode, PruningResult

AGENT = "agent"
"""Folder of the agent in a protocol's."""


def play(case: Case, protocol: str, clock: Clock) -> None:
    """Let the agent play, going on from the last episodes that are kept, and choose.

    Raises:
        ChunkOverError: there are episodes to come.
    """
    _start_ray()
    task, target = case.task(protocol), case.subject.target
    folder = case.folder / protocol / AGENT
    episodes: list[Episode] = []
    for episode in exploration.explore(task, target, folder):
        episodes.append(episode)
        if len(episodes) % 10 == 0:
            best = max(one.reward for one in episodes)
            print(f"{case.name} {protocol}: {len(episodes)} episodes, best {best:.4f}", flush=True)
            clock.tick()
    chosen = exploration.choose(task, target, episodes, folder)
    _chosen(case, protocol).write_text(chosen.model_dump_json(), encoding="utf-8")
    cost = task.cost
    case.publish(
        f"search-{protocol}",
        clock,
        {
            "protocol": protocol,
            "rewards": [round(episode.reward, 5) for episode in episodes],
            "widths": chosen.widths,
            "dense_widths": chosen.dense_widths,
            "groups": chosen.groups,
            "flops_cut": 1 - chosen.flops / chosen.dense_flops,
            "parameters_cut": 1 - float(cost.parameters(chosen.widths)) / cost.dense_parameters,
            "validation": chosen.accuracy,
            "spec": case.prune_spec(protocol).model_dump(mode="json"),
        },
    )


def _start_ray() -> None:
    """For the agents that are RLlib's; the episodes are played in this process."""
    if not ray.is_initialized():
        ray.init(
            address="local",
            num_cpus=1,
            num_gpus=torch.cuda.device_count(),
            include_dashboard=False,
            log_to_driver=False,
        )


def found(case: Case, protocol: str) -> PruningResult:
    """What a protocol's search has chosen.

    Raises:
        ArtifactError: it has not been played yet.
    """
    file = _chosen(case, protocol)
    if not file.exists():
        raise ArtifactError(f"{file}: not there; expected --stage search to be played first")
    return PruningResult.from_json(file.read_bytes())


def _chosen(case: Case, protocol: str) -> Path:
    return case.folder / protocol / "chosen.json"
