"""What an agent's processes reserve on a cluster, and where their networks run."""

from __future__ import annotations

import ray
import torch

from secateur.errors import SpecError
from secateur.spec import PruneSpec


def runners_of(spec: PruneSpec) -> int:
    """Processes that evaluate for one agent; only some kinds of agents use several."""
    return int(getattr(spec.agent, "runners", 1))


def reserved(spec: PruneSpec) -> dict[str, float]:
    """Options of the Ray task that is one agent.

    It reserves a CPU for each of its runners, which ask for none themselves, and computes
    while they wait for it.  Agents that took their runners one by one could each hold a
    part of the cluster and wait for the rest for ever.
    """
    return {"num_cpus": float(runners_of(spec)), "num_gpus": spec.gpus}


def check_fits(spec: PruneSpec) -> None:
    """Refuse agents that the cluster could never start; Ray would wait in silence.

    Raises:
        SpecError: one agent needs more CPUs or GPUs than the whole cluster has.
    """
    there, runners = ray.cluster_resources(), runners_of(spec)
    # Beside several runners an agent has a share of its own, for fine-tunes between stages.
    shares = runners + 1 if runners > 1 else 1
    for resource, field, given, needed in (
        ("CPU", "prune.agent.runners", runners, float(runners)),
        ("GPU", "prune.gpus", spec.gpus, shares * spec.gpus),
    ):
        if needed > there.get(resource, 0.0):
            found = f"{there.get(resource, 0.0):g} {resource}s"
            raise SpecError(field, given, f"at most what this cluster has, {found}")


def at_once(cpus: float, gpus: float = 0.0) -> int:
    """Tasks of so much each that the whole cluster can run at the same time, at least 1."""
    there = ray.cluster_resources() if ray.is_initialized() else {}
    room = [there.get(name, need) // need for name, need in (("CPU", cpus), ("GPU", gpus)) if need]
    return max(1, int(min(room, default=1)))


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
