"""Whether the cluster could ever hold what a job asks for, before any of it begins."""

from __future__ import annotations

from collections.abc import Iterator

from agents import resources
from agents.resources import Need
from secateur.spec import AnySpec, GenerationSpec


def check(spec: AnySpec) -> None:
    """Refuse a job that a stage of would wait for ever: Ray queues what it cannot place.

    Outside of a cluster nothing is refused.

    Raises:
        SpecError: a trial, an agent or a recovery needs more than the whole cluster has.
    """
    for field, gpus in _shares(spec):
        resources.check_room(field, gpus, "GPU", Need(gpus=gpus))
    if spec.prune is not None:
        resources.check_fits(spec.prune)


def _shares(spec: AnySpec) -> Iterator[tuple[str, float]]:
    """Fields that ask for a GPU for one process, with the share."""
    yield "search.gpus", spec.search.gpus
    if spec.prune is None:
        return
    if isinstance(spec, GenerationSpec):
        if spec.recover is not None:
            yield "recover.gpus", spec.recover.gpus
    elif spec.finetune is not None:
        yield "finetune.gpus", spec.finetune.gpus
