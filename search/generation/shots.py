"""Grids of samples by step, with the run of the training that made them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from search.generation.snapshots import Pixels, Snapshots
from secateur.tracking.port import Tracker

FOLDER = "samples"
"""Where the grids lie, below a job's folder and among the artifacts of a run."""


def attach_samples(tracker: Tracker, run: str, file: Path, folder: Path) -> None:
    """Attach a grid a step, all of the same noise; what no picture can show is left out.

    Args:
        tracker: takes them.
        run: handle of the training's run, which names the folder of its grids too.
        file: of ``Snapshots``.
        folder: of the job.
    """
    shots = Snapshots.read(file)
    if shots is None or (save := _saver(shots.images[0])) is None:
        return
    below = folder / FOLDER / run.replace("/", "-")
    below.mkdir(parents=True, exist_ok=True)
    for step, images in zip(shots.steps, shots.images, strict=True):
        grid = below / f"step-{step:06d}.png"
        save(images, grid)
        tracker.attach(run, grid, FOLDER)


def _saver(images: Pixels) -> Callable[[Pixels, Path], None] | None:
    """What writes samples like these as a file."""
    from search.generation.pictures import signals, tiles

    if tiles.drawable(images):
        return tiles.save
    return signals.save if signals.drawable(images) else None
