"""Commands of an analyst: what jobs have done."""

from __future__ import annotations

import os
import sys

import click

from search.commands.errors import plain_errors


@click.command()
@click.argument("job")
def report(job: str) -> None:
    """Print the table of a finished job; its page and pictures lie in the job's folder."""
    with plain_errors():
        from search.home import Home
        from search.ledger import Ledger
        from search.summary import summary

        click.echo(summary(Ledger(Home.find().job(job))))


@click.command()
@click.option("--port", default=5000, show_default=True, help="Port to listen on.")
def ui(port: int) -> None:
    """Open MLflow's UI on this machine's runs, until interrupted."""
    from search.home import Home

    home = Home.find()
    home.folder.mkdir(parents=True, exist_ok=True)
    click.echo(f"runs at http://127.0.0.1:{port}  (Ctrl-C stops)")
    command = [sys.executable, "-m", "mlflow", "ui", "--host", "127.0.0.1", "--port", str(port)]
    os.execv(sys.executable, [*command, "--backend-store-uri", home.tracking_uri])
