"""Seats agents on a cluster of three nodes on this machine; prints where their processes sat.

Takes a folder for Ray's files, and one for the agents.  The head has no CPUs; two nodes have
two each, and one of them two GPUs, all of them logical.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import ray
import torch
from ray.cluster_utils import Cluster

from agents import resources, runner, seats
from agents.resources import Need
from agents.streams import interleave
from secateur.data import Development, Images
from secateur.errors import SpecError
from secateur.models.registry import build
from secateur.records import Architecture
from secateur.spec import DDPGSpec, PruneSpec


class Runner:
    """As one of RLlib's: it asks for a CPU and its share, and says where it is."""

    def node(self) -> str:
        return str(ray.get_runtime_context().get_node_id())


@ray.remote
def agent(need: Need) -> Iterator[dict[str, Any]]:
    held = ray.remote(num_cpus=1, num_gpus=need.gpus)(Runner)
    runners = [held.remote() for _ in range(need.processes if need.processes > 1 else 0)]
    yield {
        "node": ray.get_runtime_context().get_node_id(),
        "runners": ray.get([one.node.remote() for one in runners]),
        "gpus": ray.get_runtime_context().get_assigned_resources().get("GPU", 0.0),
    }


def sit(need: Need, count: int) -> dict[str, Any]:
    """Where so many agents sat, in the order in which they did."""
    order: list[int] = []

    def start(number: int, held: ExitStack) -> ray.ObjectRefGenerator:
        seat = held.enter_context(seats.seat(need))
        order.append(number)
        return agent.options(num_returns="streaming", **seat).remote(need)

    at_once = resources.at_once(need)
    sat = dict(interleave(((number, partial(start, number)) for number in range(count)), at_once))
    return {"at_once": at_once, "order": order, "sat": [sat[number] for number in range(count)]}


def play(folder: Path) -> list[int]:
    """Episodes of a real agent, larger than any of the nodes."""
    generator = np.random.default_rng(0)
    pixels = generator.integers(0, 255, (30, 1, 8, 8)).astype(np.uint8)
    images = Images(pixels, (np.arange(30) % 3).astype(np.int64))
    development = Development(("a", "b", "c"), images, images, (0.4,), (0.3,))
    architecture = Architecture(
        name="resnet", arguments={"depth": 1, "width": 4}, input_shape=(1, 8, 8), classes=3
    )
    spec = PruneSpec(targets=(0.5,), episodes=6, agent=DDPGSpec(runners=3))
    torch.manual_seed(0)
    task = runner.prepare(spec, build(architecture).eval(), (1, 8, 8), development, 0)
    return sorted(episode.number for _, episode in runner.run(task, folder))


def refused(need: Need) -> str:
    """What is said to an agent that the cluster cannot hold."""
    try:
        resources.check_room("prune.agent.runners", need.processes, "CPU", need)
    except SpecError as error:
        return str(error)
    return ""


def main(temporary: str, folder: str) -> None:
    cluster = Cluster(shutdown_at_exit=True)
    try:
        # 127.0.0.1 is taken for the address of every node of this machine.
        head = {"node_ip_address": "127.0.0.2", "include_dashboard": False}
        cluster.add_node(num_cpus=0, temp_dir=temporary, **head)
        cluster.add_node(num_cpus=2, node_ip_address="127.0.0.3", temp_dir=temporary)
        cluster.add_node(num_cpus=2, num_gpus=2, node_ip_address="127.0.0.4", temp_dir=temporary)
        ray.init(address=cluster.address, log_to_driver=False)
        nodes = {node["NodeManagerAddress"]: node["NodeID"] for node in ray.nodes()}
        found = {
            "nodes": nodes,
            "pairs": sit(Need(2), 4),
            "shares": sit(Need(2, 0.5), 2),
            "three": sit(Need(3), 1),
            "refused": refused(Need(5)),
            "played": play(Path(folder)),
        }
    finally:
        ray.shutdown()
        cluster.shutdown()
    print(json.dumps(found))


if __name__ == "__main__":
    main(*sys.argv[1:])
