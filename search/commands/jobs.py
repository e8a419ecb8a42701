"""Commands of a team: jobs."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from search.commands.errors import plain_errors
from search.commands.options import FilePath

if TYPE_CHECKING:
    from secateur.spec import JobSpec

NOT_PUBLISHED = 3


@click.command()
@click.argument("spec", type=FilePath)
def validate(spec: Path) -> None:
    """Check a job file and the data it names, and run nothing."""
    with plain_errors():
        job = _load(spec)
        from search.preflight import preflight

        data = preflight(job)
        if data.skipped:
            from search.report import skipped_line

            click.echo(skipped_line(data.skipped))
        prune = job.prune
        pruning = (
            f"{len(prune.targets)} targets of {prune.episodes} episodes" if prune else "no pruning"
        )
        click.echo(
            f"{spec}: sound. {job.name}: {job.search.trials} trials on {data.name} "
            f"({len(data.train)} training, {len(data.validation)} validation, {len(data.test)} "
            f"test images), {pruning}."
        )


@click.command()
@click.argument("spec", type=FilePath)
@click.option("--restart", is_flag=True, help="Discard what an earlier run of the job has done.")
def run(spec: Path, *, restart: bool) -> None:
    """Run a job on this machine, or go on where it stopped.

    SPEC is a file, or the name of a study that comes with the package: docs/jobs.md.

    Exit codes: 0 published; 3 finished, but the publication gate refused; 2 a mistake in
    the job or its data; 1 a stage failed; 130 interrupted.
    """
    with plain_errors():
        job = _load(spec)
        from search.preflight import preflight

        data = preflight(job)
        from search.home import Home
        from search.job import Job
        from search.ledger import Ledger
        from search.local_ray import local_ray
        from search.progress import Progress
        from search.summary import summary

        home, progress = Home.find(), Progress()
        ledger = Ledger(home.job(job.name))
        with ledger.held(job, restart=restart), local_ray(ledger.folder / "ray.log"):
            work = Job(job, data, home, progress)
            publication = work.run()
            if publication.version is not None and job.show:
                work.show(publication)
        progress.line(summary(ledger))
    sys.exit(NOT_PUBLISHED if publication.version is None else 0)


def _load(path: Path) -> JobSpec:
    from search import presets
    from secateur.spec import load

    return load(presets.resolve(path))
