"""Commands of a team: jobs on a cluster."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import click
from click.core import ParameterSource

from search.commands.errors import plain_errors
from search.commands.options import FilePath

if TYPE_CHECKING:
    from serving.jobs.port import Cluster

ADDRESS, GATEWAY, KEY = "SECATEUR_ADDRESS", "SECATEUR_GATEWAY", "SECATEUR_KEY"


def on_cluster(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command the options that name a cluster."""
    address = click.option(
        "--address", envvar=ADDRESS, help=f"Of a Ray cluster, http://head:8265; {ADDRESS}."
    )
    gateway = click.option(
        "--gateway", envvar=GATEWAY, help=f"Of a gateway, with a key in {KEY}; {GATEWAY}."
    )
    return address(gateway(command))


def cluster(address: str | None, gateway: str | None, priority: int = 0) -> Cluster:
    """The cluster that the options name.

    Args:
        address: of a Ray cluster.
        gateway: its URL.
        priority: of what is submitted at a gateway.

    Raises:
        UsageError: they name none, or two.
        UserError: an address is none, or the key or token cannot be used.
    """
    source = click.get_current_context().get_parameter_source
    if address and gateway and source("address") is not source("gateway"):
        # What is said beats what is in the environment.
        said = source("gateway") is ParameterSource.COMMANDLINE
        address, gateway = (None, gateway) if said else (address, None)
    if bool(address) == bool(gateway):
        raise click.UsageError(
            "expected the address of one cluster: --address http://head:8265, or --gateway URL"
        )
    if gateway:
        from serving.gateway.client import GatewayCluster

        return GatewayCluster(gateway, os.environ.get(KEY), priority)
    from serving.jobs.ray_cluster import RayCluster

    return RayCluster(str(address))


@click.command()
@click.argument("spec", type=FilePath)
@on_cluster
@click.option("--restart", is_flag=True, help="Discard what earlier attempts have done.")
@click.option("--detach", is_flag=True, help="Do not wait until the job has begun.")
@click.option("--priority", default=0, help="At a gateway: higher ones begin first.")
def submit(
    spec: Path,
    address: str | None,
    gateway: str | None,
    priority: int,
    *,
    restart: bool,
    detach: bool,
) -> None:
    """Hand a job to a cluster, or go on with it there.

    SPEC is a file, or the name of a study that comes with the package. The same job again
    starts nothing while it runs or has succeeded, and goes on where it failed or was stopped.

    Exit codes: 0 the job runs, waits or has succeeded; 2 a mistake in the job, or another job
    has its name; 1 the cluster does not answer, or the job failed; 3 and 130 as secateur run.
    """
    with plain_errors():
        there = cluster(address, gateway, priority)
        from search import presets, submitting

        file = presets.resolve(spec)
        code = submitting.submit(there, file, click.echo, restart=restart, wait=not detach)
    sys.exit(code)


@click.command()
@click.argument("job")
@on_cluster
@click.option("--detach", is_flag=True, help="Do not wait until the job has begun.")
def resume(job: str, address: str | None, gateway: str | None, *, detach: bool) -> None:
    """Go on with JOB on its cluster after it failed or was stopped.

    Exit codes: as secateur submit.
    """
    with plain_errors():
        there = cluster(address, gateway)
        from search import submitting

        code = submitting.resume(there, job, click.echo, wait=not detach)
    sys.exit(code)


@click.command()
@click.argument("job")
@on_cluster
@click.option("--detach", is_flag=True, help="Do not wait until the job has ended.")
def stop(job: str, address: str | None, gateway: str | None, *, detach: bool) -> None:
    """Stop JOB on its cluster; what it has done is kept, and secateur resume goes on.

    Exit codes: 2 no such job.
    """
    with plain_errors():
        there = cluster(address, gateway)
        from search import submitting

        submitting.stop(there, job, click.echo, wait=not detach)


@click.command()
@click.argument("job")
@on_cluster
@click.option("--follow", is_flag=True, help="Go on until the job ends, and end as it does.")
def logs(job: str, address: str | None, gateway: str | None, *, follow: bool) -> None:
    """Print what JOB has printed on its cluster.

    Exit codes: 2 no such job; with --follow those of secateur run.
    """
    with plain_errors():
        there = cluster(address, gateway)
        from search import submitting

        code = submitting.logs(there, job, click.echo, follow=follow)
    sys.exit(code)


@click.command(hidden=True)
def play() -> None:
    """Run the job that this process was submitted as; started by Ray's Jobs API alone."""
    with plain_errors():
        from search import submitted

        code = submitted.play(os.environ)
    sys.exit(code)
