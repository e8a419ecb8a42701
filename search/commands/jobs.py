"""Commands of a team: jobs."""

from __future__ import annotations

import sys
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import click

from search.commands.errors import plain_errors
from search.commands.options import FilePath
from search.exit_codes import NOT_PUBLISHED

if TYPE_CHECKING:
    from secateur.spec import AnySpec


@click.command()
@click.argument("spec", type=FilePath)
def validate(spec: Path) -> None:
    """Check a job file and the data it names, and run nothing."""
    with plain_errors():
        job = _load(spec)
        from search import kinds

        data = kinds.preflight(job)
        if data.skipped:
            from search.reports.lines import skipped_line

            click.echo(skipped_line(data.skipped))
        pruning = job.prune.told() if job.prune else "no pruning"
        click.echo(
            f"{spec}: sound. {job.name}: {job.search.told()} on {data.name} "
            f"({len(data.train)} training, {len(data.validation)} validation, {len(data.test)} "
            f"test images), {pruning}."
        )
        _ask_server(job.name)


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
        from search import kinds

        data = kinds.preflight(job)
        from search.home import Home
        from search.ledger import Ledger
        from search.local_ray import local_ray
        from search.progress import Progress
        from search.tracking import abandon

        home, progress = Home.find(), Progress()
        ledger = Ledger(home.job(job.name))
        farewell = partial(abandon, home, ledger)
        with (
            ledger.held(job, restart=restart, farewell=farewell),
            progress.recorded(ledger.folder, job.stages),
        ):
            with local_ray(ledger.folder / "ray.log"):
                work = kinds.job(job, data, home, progress)
                publication = work.run()
                progress.finished(publication.failures)
                if publication.version is not None and job.show:
                    work.show(publication)
            progress.line(kinds.summary(ledger))
    sys.exit(NOT_PUBLISHED if publication.version is None else 0)


@click.command()
@click.argument("job", required=False)
@click.option("--follow", is_flag=True, help="Go on until the job ends, and end as it does.")
@click.option(
    "--json", "as_json", is_flag=True, help="For scripts; --follow prints a line a change."
)
def status(job: str | None, *, follow: bool, as_json: bool) -> None:
    """Tell how JOB stands, or all jobs: read from its folder, whoever runs it.

    JOB is a name, or the path of a job's folder. Exit codes: 2 no such job; with --follow
    those of secateur run.
    """
    if follow and job is None:
        raise click.UsageError("--follow needs the name of a JOB")
    with plain_errors():
        from search import standing
        from search.home import Home

        home = Home.find()
        if job is None:
            click.echo(standing.all_told(home.folder, as_json=as_json))
        elif follow:
            sys.exit(standing.followed(home.named(job), sys.stdout, as_json=as_json))
        else:
            click.echo(standing.told(home.named(job), as_json=as_json))


def _ask_server(name: str) -> None:
    """Say so where a tracking server would not take the job's runs; the job would go on."""
    from search.home import Home
    from secateur.tracking.probe import complaint

    uri = Home.find().tracking_uri
    if uri.startswith("http") and (said := complaint(uri, name)):
        click.echo(f"tracking: {said}")


def _load(path: Path) -> AnySpec:
    from search import presets
    from secateur.spec import load

    return load(presets.resolve(path))
