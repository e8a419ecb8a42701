"""Grids of samples by step, with the run of the training that made them."""

from __future__ import annotations

from pathlib import Path

from search.generation.snapshots import Snapshots
from secateur.tracking.port import Tracker

FOLDER = "samples"
"""Where the grids lie, below a job's folder and among the artifacts of a run."""


def attach_samples(tracker: Tracker, run: str, file: Path, folder: Path) -> None:
    """Attach a grid a step, all of the same noise; images that no picture can show are left out.

    Args:
        tracker: takes them.
        run: handle of the training's run, which names the folder of its grids too.
        file: of ``Snapshots``.
        folder: of the job.
    """
    from search.generation.pictures import tiles

    shots = Snapshots.read(file)
    if shots is None or not all(map(tiles.drawable, shots.images)):
        return
    below = folder / FOLDER / run.replace("/", "-")
    below.mkdir(parents=True, exist_ok=True)
    for step, images in zip(shots.steps, shots.images, strict=True):
        grid = below / f"step-{step:06d}.png"
        tiles.save(images, grid)
        tracker.attach(run, grid, FOLDER)
