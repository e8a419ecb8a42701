"""Commands of a team: jobs."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from search.commands.cluster import cluster, on_cluster
from search.commands.errors import plain_errors
from search.commands.options import FilePath

if TYPE_CHECKING:
    from secateur.spec import AnySpec


@click.command()
@click.argument("spec", type=FilePath)
def validate(spec: Path) -> None:
    """Check a job and the data it names, and run nothing.

    SPEC is a file, or the name of a study that comes with the package: docs/jobs.md.
    """
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
    """Run a job, or go on where it stopped.

    SPEC is a file, or the name of a study that comes with the package: docs/jobs.md. It runs
    on this machine, or on the Ray that RAY_ADDRESS names.

    Exit codes: 0 published; 3 finished, but the publication gate refused; 2 a mistake in
    the job or its data; 1 a stage failed; 130 interrupted.
    """
    with plain_errors():
        job = _load(spec)
        from search.running import run as run_job

        code = run_job(job, restart=restart)
    sys.exit(code)


@click.command()
@click.argument("job", required=False)
@click.option("--follow", is_flag=True, help="Go on until the job ends, and end as it does.")
@click.option(
    "--json", "as_json", is_flag=True, help="For scripts; --follow prints a line a change."
)
@on_cluster
def status(
    job: str | None, address: str | None, gateway: str | None, *, follow: bool, as_json: bool
) -> None:
    """Tell how JOB stands, or all jobs: by its folder, whoever runs it, or by its cluster.

    JOB is a name, or the path of a job's folder. Exit codes: 2 no such job; with --follow
    those of secateur run.
    """
    if follow and job is None:
        raise click.UsageError("--follow needs the name of a JOB")
    if follow and (address or gateway):
        raise click.UsageError("--follow reads a job's folder; expected secateur logs --follow")
    with plain_errors():
        if address or gateway:
            there = cluster(address, gateway)
            from search import submitting

            click.echo(submitting.told(there, job, as_json=as_json))
            return
        from search import standing, storage
        from search.home import Home

        home = Home.find()
        if job is None:
            storage.fetch_all(home.folder, *storage.STATUS)
            click.echo(standing.all_told(home.folder, as_json=as_json))
            return
        storage.fetch(home.named(job), *storage.STATUS)
        if follow:
            sys.exit(standing.followed(home.named(job), sys.stdout, as_json=as_json))
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
