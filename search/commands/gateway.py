"""The command that takes jobs of teams over HTTP."""

from __future__ import annotations

from pathlib import Path

import click

from search.commands.errors import plain_errors
from search.commands.options import FilePath


@click.command()
@click.option("--config", type=FilePath, required=True, help="YAML file, as examples/gateway.yaml.")
@click.option("--address", help="Of the cluster's Jobs API; http://127.0.0.1:8265 where not said.")
@click.option("--host", help="Address to listen on; 127.0.0.1 where not said.")
@click.option("--port", type=int, help="Port to listen on, 8001 where not said; 0: any free.")
def gateway(config: Path, **given: object) -> None:
    """Take jobs of teams for a cluster, until interrupted.

    docs/submitting.md tells of teams, keys and quotas. Jobs that wait or run when this ends are
    looked after when it is started again.
    """
    with plain_errors():
        from search.local_ray import local_ray
        from search.progress import Progress
        from search.serve import until_stopped
        from serving import ports
        from serving.gateway.server import running
        from serving.gateway.spec import load
        from serving.ingress import prepared

        spec, progress = load(config, given), Progress()
        ports.free(spec.host, spec.port)  # told before Ray takes its seconds to start
        with (
            prepared(spec.front()),
            local_ray(spec.folder / "ray.log"),
            running(spec) as url,
        ):
            teams = ", ".join(spec.teams)
            progress.line(f"{teams} at {url}, jobs to {spec.address}  (Ctrl-C stops)")
            until_stopped()
            progress.line("stopping; jobs of the cluster go on")
