"""What a job reserves on a cluster, as far as its spec tells."""

from __future__ import annotations

from dataclasses import dataclass

from secateur.spec import AnySpec


@dataclass(frozen=True)
class Reserve:
    """CPUs and GPUs of one job at a time, or hours of them."""

    cpus: float
    gpus: float

    def up_to(self, cpus: float | None, gpus: float | None) -> Reserve:
        """The same, where there is no more than that."""
        return Reserve(
            self.cpus if cpus is None else min(self.cpus, cpus),
            self.gpus if gpus is None else min(self.gpus, gpus),
        )


def reserved(spec: AnySpec) -> Reserve:
    """What a job reserves in the stage that reserves most.

    A trial has a CPU and ``search.gpus``. The agents of a pruning stage work at the same time,
    each with a CPU for each of its runners, ``prune.gpus`` for each as well, and one share
    more where there are several, to fine-tune between stages.
    """
    trials = spec.search.parallel
    searching = Reserve(trials, trials * getattr(spec.search, "gpus", 0.0))
    if spec.prune is None:
        return searching
    agents = len(spec.prune.targets) * spec.prune.seeds
    runners = getattr(spec.prune.agent, "runners", 1)
    shares = runners + (runners > 1)
    pruning = Reserve(agents * runners, agents * shares * spec.prune.gpus)
    return Reserve(max(searching.cpus, pruning.cpus), max(searching.gpus, pruning.gpus))
