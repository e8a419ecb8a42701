"""What agents and trials reserve on a cluster, how much of it there is, and where networks run."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import ray
import torch

from secateur.errors import SpecError
from secateur.spec import PruneSpec

GROWTH = "SECATEUR_GROWTH"
"""Names nodes that an autoscaler may add, as JSON: ``[{"count": 4, "CPU": 8, "GPU": 1}]``.

Ray tells nobody how far its autoscaler may go; without this a job asks for what is there.
"""

_ROUNDING = 1e-6

Node = Mapping[str, float]
"""Resources of one node, by Ray's names."""


@dataclass(frozen=True)
class Need:
    """What an agent or a trial holds from its beginning to its end.

    Attributes:
        processes: that compute at the same time, each on a CPU.
        gpus: share of a GPU that each of them holds.
    """

    processes: int = 1
    gpus: float = 0.0

    @property
    def shares(self) -> int:
        """Shares of GPUs; beside several runners an agent has one, to fine-tune between stages."""
        return self.processes + (self.processes > 1) if self.gpus else 0

    def on(self, node: Node) -> int:
        """How often a node holds this whole."""
        rooms = [_whole(node.get("CPU", 0.0) / self.processes)]
        if self.shares:
            rooms.append(self.shares_on(node) // self.shares)
        return min(rooms)

    def shares_on(self, node: Node) -> int:
        """Shares of this size that a node's GPUs give; none lies across two GPUs."""
        return _whole(node.get("GPU", 0.0)) * _whole(1 / self.gpus)

    def processes_on(self, node: Node) -> int:
        """Single processes of this that a node holds, each with its share."""
        cpus = _whole(node.get("CPU", 0.0))
        return min(cpus, self.shares_on(node)) if self.gpus else cpus


def _whole(number: float) -> int:
    # 1 / 0.1 may come out as 9.999...
    return int(number + _ROUNDING)


def runners_of(spec: PruneSpec) -> int:
    """Processes that evaluate for one agent; only some kinds of agents use several."""
    return int(getattr(spec.agent, "runners", 1))


def need_of(spec: PruneSpec) -> Need:
    """What one agent holds.

    A CPU for each of its runners: it computes while they wait for it.
    """
    return Need(runners_of(spec), spec.gpus)


def nodes() -> tuple[Node, ...]:
    """Resources of every node that is there or may come; none outside of a cluster.

    Raises:
        SpecError: ``SECATEUR_GROWTH`` is not what it should be.
    """
    if not ray.is_initialized():
        return ()
    return (*_there(), *_to_come(os.environ.get(GROWTH)))


def _there() -> tuple[Node, ...]:
    return tuple(node["Resources"] for node in ray.nodes() if node["Alive"])


def _to_come(growth: str | None) -> Iterator[Node]:
    try:
        for kind in json.loads(growth or "[]"):
            node = {name: float(amount) for name, amount in kind.items()}
            yield from [node] * int(node.pop("count", 1))
    except (ValueError, TypeError, AttributeError):
        expected = 'a list of kinds of nodes as JSON: [{"count": 4, "CPU": 8, "GPU": 1}]'
        raise SpecError(GROWTH, growth, expected) from None


def whole(need: Need) -> int:
    """How often nodes hold all of a need, each time on one of them."""
    return _whole_on(nodes(), need)


def at_once(need: Need | None = None) -> int:
    """How often the whole cluster can hold a need at the same time, at least 1.

    Args:
        need: one process on a CPU where absent.
    """
    need = need or Need()
    return max(1, _places(nodes(), need))


def has_room(need: Need) -> bool:
    """Whether the nodes that are there now could hold a need, were all of them idle."""
    return _places(_there(), need) > 0


def _places(there: Sequence[Node], need: Need) -> int:
    """How often nodes hold a need: each time on one of them, or else spread."""
    return _whole_on(there, need) or _spread(there, need)


def _whole_on(there: Sequence[Node], need: Need) -> int:
    return sum(need.on(node) for node in there)


def _spread(there: Sequence[Node], need: Need) -> int:
    """How often nodes hold a need whose processes may lie on several of them."""
    room = sum(map(need.processes_on, there)) // need.processes
    return min(room, sum(map(need.shares_on, there)) // need.shares) if need.gpus else room


def check_fits(spec: PruneSpec) -> None:
    """Refuse agents that the cluster could never hold; Ray would wait in silence.

    Raises:
        SpecError: one agent needs more CPUs or GPUs than the whole cluster has.
    """
    need = need_of(spec)
    check_room("prune.agent.runners", need.processes, "CPU", Need(need.processes))
    check_room("prune.gpus", need.gpus, "GPU", need)


def check_room(field: str, given: float, resource: str, need: Need) -> None:
    """Refuse shares of GPUs, or processes of one agent, that the cluster could never hold.

    Args:
        field: of the spec, that asks for it.
        given: the field's value.
        resource: that falls short, ``CPU`` or ``GPU``.
        need: all of it.

    Raises:
        SpecError: there is no such room on the cluster, however long one waits.
    """
    asked = need.gpus or need.processes > 1
    if asked and (there := nodes()) and not _places(there, need):
        total = sum(node.get(resource, 0.0) for node in there)
        raise SpecError(field, given, f"at most what this cluster has, {total:g} {resource}s")


def own_gpus() -> float:
    """The share of GPUs that this process was given by Ray; 0 outside of Ray's workers."""
    # Asked outside of a cluster, Ray would start one.
    if not ray.is_initialized():
        return 0.0
    context = ray.get_runtime_context()
    if context.worker.mode != ray.WORKER_MODE:
        return 0.0
    return float(context.get_assigned_resources().get("GPU", 0.0))


def device() -> torch.device:
    """Where this process runs networks: its share of a GPU where it has one, else the CPU."""
    # A logical GPU may be there without a real one, as on a cluster made for tests.
    usable = own_gpus() > 0 and torch.cuda.is_available()
    return torch.device("cuda" if usable else "cpu")
