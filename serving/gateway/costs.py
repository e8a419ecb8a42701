"""What a job reserves on a cluster, as far as its spec tells."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from secateur.spec import AnySpec, GenerationSpec


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
    more where there are several, to fine-tune between stages. The pruned networks recover at
    the same time, each on a CPU and ``gpus`` of its stage.
    """
    trials = spec.search.parallel
    stages = [Reserve(trials, trials * spec.search.gpus), *_cutting(spec)]
    return Reserve(max(stage.cpus for stage in stages), max(stage.gpus for stage in stages))


def _cutting(spec: AnySpec) -> Iterator[Reserve]:
    """The stages after the search."""
    if spec.prune is None:
        return
    targets = len(spec.prune.targets)
    agents, runners = targets * spec.prune.seeds, getattr(spec.prune.agent, "runners", 1)
    shares = runners + (runners > 1)
    yield Reserve(agents * runners, agents * shares * spec.prune.gpus)
    recovery = spec.recover if isinstance(spec, GenerationSpec) else spec.finetune
    if recovery is not None:
        yield Reserve(targets, targets * recovery.gpus)
