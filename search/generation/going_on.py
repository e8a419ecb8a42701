"""An unfinished training of a generator, with what was judged of it until then."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

import torch
from numpy.typing import ArrayLike

from search.generation.snapshots import Snapshots
from search.unfinished import Unfinished
from secateur.scratch import whole
from secateur.training.generative import GenerativeTraining

Report = dict[str, Any]
"""What is told of a judgement, as JSON takes it."""


@dataclass(frozen=True)
class Judged:
    """What a training has told.

    Attributes:
        reports: one a judgement, in their order.
        shots: images of the same noise at each.
    """

    reports: tuple[Report, ...] = ()
    shots: Snapshots = field(default_factory=Snapshots)

    def and_then(self, report: Report, step: int, images: ArrayLike) -> Judged:
        """This and one judgement more, with some images that were judged."""
        return Judged((*self.reports, report), self.shots.with_(step, images))


def keep(place: Unfinished, training: GenerativeTraining, judged: Judged) -> None:
    """Write a training and what was judged of it."""
    content = {
        "training": training.state_dict(),
        "reports": json.dumps(judged.reports),
        "steps": list(judged.shots.steps),
        "images": [torch.from_numpy(images) for images in judged.shots.images],
    }
    with place.written(), whole(place.path) as partial, partial.open("wb") as file:
        torch.save(content, file)


def restore(place: Unfinished, training: GenerativeTraining) -> Judged:
    """Bring a training to where an earlier attempt kept it, in place.

    Reading runs no code (``torch.load`` with ``weights_only``).

    Returns:
        What had been judged; nothing, and nothing is changed, where there is no file, a broken
        one, or one of another training.
    """
    place.fetch()
    try:
        found = torch.load(place.path, "cpu", weights_only=True)
        reports, steps = json.loads(found["reports"]), found["steps"]
        shots = Snapshots(tuple(steps), tuple(images.numpy() for images in found["images"]))
        state = found["training"]
    except Exception:  # what a machine that went down left can break its reader in any way
        return Judged()
    return Judged(tuple(reports), shots) if training.load_state_dict(state) else Judged()
