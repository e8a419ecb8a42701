"""Seats of agents on a cluster: all processes of an agent begin at once, and sit together."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from ray.util import placement_group, remove_placement_group
from ray.util.scheduling_strategies import PlacementGroupSchedulingStrategy

from agents import resources
from agents.resources import Need

Options = dict[str, Any]
"""Of a Ray task."""


@contextmanager
def seat(need: Need) -> Iterator[Options]:
    """Options of the task that is one agent; what it and its runners hold is free afterwards.

    An agent with several runners gets room for all of them in one step or waits: agents that
    took their runners one by one could each hold a part of the cluster and wait for the rest
    for ever.  They share a node where the cluster has one that is large enough; else they lie
    on as few nodes as possible.

    Args:
        need: of the agent; the cluster can hold it.
    """
    if need.processes == 1:
        yield {"num_cpus": 1, "num_gpus": need.gpus}
        return
    together = "STRICT_PACK" if resources.whole(need) else "PACK"
    group = placement_group(bundles(need), together)
    try:
        yield {
            # Its runners have the CPUs: it computes while they wait for it.
            "num_cpus": 0,
            "num_gpus": need.gpus,
            "scheduling_strategy": PlacementGroupSchedulingStrategy(
                group,
                placement_group_bundle_index=0,
                # The runners, which RLlib starts, each in the bundle of its own number.
                placement_group_capture_child_tasks=True,
            ),
        }
    finally:
        remove_placement_group(group)


def bundles(need: Need) -> list[dict[str, float]]:
    """The agent's bundle, and one each runner: RLlib numbers its runners from 1."""
    share = {"GPU": need.gpus} if need.gpus else {}
    # No bundle may be empty: a byte is the least that every node has.
    return [share or {"memory": 1.0}, *({"CPU": 1.0} | share for _ in range(need.processes))]
