"""The stage in which what was cut learns again, by one protocol."""

from __future__ import annotations

import copy

import torch
from torch import nn

from agents import exploration
from benchmarks.cifar10 import searching
from benchmarks.cifar10.case import Case
from benchmarks.cifar10.clock import Clock
from benchmarks.cifar10.protocols import PROTOCOLS
from secateur import artifacts
from secateur.training.checkpoint import Checkpoint
from secateur.training.recovery import finetune


def play(case: Case, protocol: str, clock: Clock) -> None:
    """Cut, train on from the last epoch that is kept, and save.

    Raises:
        ArtifactError: the dense network has not been trained yet, or no policy found.
        ChunkOverError: there are epochs to come.
    """
    spec = PROTOCOLS[protocol].finetune(case.budget)
    torch.manual_seed(case.seed)
    network, widths = _begun(case, protocol)
    cut = case.tested(network)
    kept = Checkpoint(case.folder / f"{protocol}.training")
    development, history = case.dataset.development, []
    for metrics in finetune(network, case.dense, development, case.recipe, spec, kept):
        history.append(metrics.validation_accuracy)
        if not metrics.last:
            told = f"epoch {metrics.epoch} validation {metrics.validation_accuracy:.4f}"
            print(f"{case.name} {protocol}: {told} after {clock.seconds:.0f} s", flush=True)
            clock.tick()
    measures = case.measures(network)
    content = artifacts.describe(case.architecture, development, widths, case.subject.target)
    artifacts.save(case.folder / protocol / "model", network.cpu(), content)
    case.publish(
        f"finetune-{protocol}",
        clock,
        {
            "protocol": protocol,
            "cut": cut,
            **measures,
            "validation": [round(accuracy, 5) for accuracy in history],
            "spec": spec.model_dump(mode="json"),
        },
    )
    kept.path.unlink()


def _begun(case: Case, protocol: str) -> tuple[nn.Module, tuple[int, ...] | None]:
    """The network that is to recover, with its widths where it was cut."""
    if PROTOCOLS[protocol].prune is None:
        return copy.deepcopy(case.dense), None
    chosen, task = searching.found(case, protocol), case.task(protocol)
    start = None if chosen.start is None else case.folder / protocol / chosen.start
    return exploration.begin(task, start).cut(chosen.widths), chosen.widths
