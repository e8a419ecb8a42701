"""The command that answers over HTTP."""

from __future__ import annotations

from pathlib import Path

import click

from search.commands.errors import plain_errors
from search.commands.options import FilePath


def _challenger(_: click.Context, __: click.Parameter, value: str | None) -> object:
    """The field of a server that ``--challenger`` stands for."""
    if value is None:
        return None
    return {"shadow": True} if value == "shadow" else {"share": value}


@click.command()
@click.argument("models", nargs=-1)
@click.option("--config", type=FilePath, help="YAML file of settings, as examples/server.yaml.")
@click.option("--host", help="Address to listen on; 127.0.0.1 where not said.")
@click.option("--port", type=int, help="Port to listen on, 8000 where not said; 0: any free.")
@click.option("--replicas", type=int, help="Server processes, a CPU each; 1 where not said.")
@click.option("--precision", help="float32, or int8 where models have it.")
@click.option(
    "--challenger",
    metavar="SHARE|shadow",
    callback=_challenger,
    help="Share of requests for challengers, or shadow to compare them unseen.",
)
@click.option("--refresh-seconds", type=float, help="Between looks for new versions; 2.")
@click.option("--ingress", help="auto, haproxy or serve.")
@click.option("--limit", "limits", multiple=True, metavar="NAME=VALUE", help="Change a limit.")
@click.option("--keys", type=FilePath, help="File of API keys; SECATEUR_API_KEYS where absent.")
@click.option("--access-log", type=FilePath, help="File for a line of JSON a request.")
def serve(config: Path | None, limits: tuple[str, ...], **given: object) -> None:
    """Serve the champions of MODELS, or of all registered models, until interrupted.

    docs/serving.md lists settings and limits, and says how to make API keys.
    """
    with plain_errors():
        from search.home import Home
        from search.local_ray import local_ray
        from search.progress import Progress
        from search.serve import open_to_all, settings, sources, until_stopped
        from serving import ports
        from serving.ingress import prepared
        from serving.server import running

        home, progress = Home.find(), Progress()
        spec = settings(home, config, given, limits)
        # What is wrong with these is told before Ray takes its seconds to start.
        ports.free(spec.host, spec.port)
        unguarded = open_to_all(spec)
        served = sources(home, spec.models)
        with (
            prepared(spec),
            local_ray(home.folder / "serve.log"),
            running(served, spec) as url,
        ):
            names = ", ".join(source.name for source in served)
            progress.line(f"{names} at {url}  (Ctrl-C stops)")
            if unguarded:
                progress.line("without --keys, whoever reaches this address may ask")
            until_stopped()
            progress.line("stopping; what was asked before is still answered")
