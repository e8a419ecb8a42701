"""What an agent's processes reserve on a cluster, and where their networks run."""

from __future__ import annotations

from typing import Any

import ray
import torch
from ray.util.placement_group import PlacementGroup, placement_group, remove_placement_group
from ray.util.scheduling_strategies import PlacementGroupSchedulingStrategy

from secateur.errors import SpecError
from secateur.spec import PruneSpec

Bundle = dict[str, float]


def runners_of(spec: PruneSpec) -> int:
    """Processes that evaluate for one agent; only some kinds of agents use several."""
    return int(getattr(spec.agent, "runners", 1))


def bundles(spec: PruneSpec) -> list[Bundle]:
    """What one agent needs at the same time: a bundle for itself, then one a runner.

    RLlib puts runner i into bundle i. The agent's own process computes while its runners
    wait for it, so it takes no CPU beside several of them; its share of a GPU it needs for
    fine-tunes between stages.
    """
    gpu = {"GPU": spec.gpus} if spec.gpus else {}
    evaluating = {"CPU": 1.0, **gpu}
    runners = runners_of(spec)
    # A bundle must hold something: a byte of memory.
    return [evaluating] if runners == 1 else [gpu or {"memory": 1.0}, *[evaluating] * runners]


def check_fits(spec: PruneSpec) -> None:
    """Refuse agents that the cluster could never start; Ray would wait in silence.

    Raises:
        SpecError: one agent needs more CPUs or GPUs than the whole cluster has.
    """
    there = ray.cluster_resources()
    for resource, field, given in (
        ("CPU", "prune.agent.runners", runners_of(spec)),
        ("GPU", "prune.gpus", spec.gpus),
    ):
        needed = sum(bundle.get(resource, 0.0) for bundle in bundles(spec))
        if needed > there.get(resource, 0.0):
            found = f"{there.get(resource, 0.0):g} {resource}s"
            raise SpecError(field, given, f"at most what this cluster has, {found}")


class Reservation:
    """Room for one agent and its runners, taken all at once.

    Agents that took their runners one by one could each hold a part of the cluster and
    wait for the rest for ever.

    Args:
        spec: of the stage.
    """

    def __init__(self, spec: PruneSpec) -> None:
        self._group: PlacementGroup | None = None
        if runners_of(spec) > 1:
            self._group = placement_group(bundles(spec), strategy="PACK")
        self.options: dict[str, Any] = {"num_gpus": spec.gpus}
        """For the Ray task that is the agent."""
        if self._group is not None:
            self.options |= {
                "num_cpus": 0,
                "scheduling_strategy": PlacementGroupSchedulingStrategy(
                    self._group,
                    placement_group_bundle_index=0,
                    placement_group_capture_child_tasks=True,
                ),
            }

    def release(self) -> None:
        """Give the room back."""
        if self._group is not None:
            remove_placement_group(self._group)


def own_gpus() -> float:
    """The share of GPUs that this process was given by Ray; 0 outside of Ray's workers."""
    context = ray.get_runtime_context()
    if context.worker.mode != ray.WORKER_MODE:
        return 0.0
    return float(context.get_assigned_resources().get("GPU", 0.0))


def device() -> torch.device:
    """Where this process runs networks: its share of a GPU where it has one, else the CPU."""
    # A logical GPU may be there without a real one, as on a cluster made for tests.
    usable = own_gpus() > 0 and torch.cuda.is_available()
    return torch.device("cuda" if usable else "cpu")
