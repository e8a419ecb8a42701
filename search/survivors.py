"""Which channels of the dense network a policy kept, also where it was reached in stages."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np

from agents import staging
from agents.candidates import Candidates
from agents.task import PruningTask
from secateur.compression.groups import IntArray
from secateur.compression.importance import keep


def survivors(task: PruningTask, start: Path | None, widths: Sequence[int]) -> list[IntArray]:
    """Channels of the dense network that a policy's network holds, a sorted array a group.

    A stage chooses among the channels that the one before it left, so the choices of all
    stages are followed back to the dense network.

    Args:
        task: of the dense network.
        start: weights that the policy was cut from; absent where they are the dense network's.
        widths: of the policy.

    Raises:
        ArtifactError: the weights of a stage are absent or not of this network.
    """
    channels = [np.arange(width) for width in task.candidates.plan.widths]
    for before, after in _cuts(task, start, widths):
        chosen = keep(before.scores, after)
        channels = [held[stays] for held, stays in zip(channels, chosen, strict=True)]
    return channels


def _cuts(
    task: PruningTask, start: Path | None, widths: Sequence[int]
) -> Iterator[tuple[Candidates, Sequence[int]]]:
    """What each stage cut from, and the widths that it ended with."""
    before = task.candidates
    for path in _stages(start):
        after = staging.load(task, path)
        yield before, after.plan.widths
        before = after
    yield before, widths


def _stages(start: Path | None) -> list[Path]:
    """The weights of all stages up to ``start``, whose name is ``stage-<number>``."""
    if start is None:
        return []
    last = int(start.stem.removeprefix("stage-"))
    return [start.with_stem(f"stage-{number}") for number in range(1, last + 1)]
