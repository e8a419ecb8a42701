"""Commands of an analyst: what jobs have done."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import click

from search.commands.errors import plain_errors
from search.commands.options import FilePath


@click.command()
@click.argument("job")
@click.option("--output", type=FilePath, help="Write FILE.html or FILE.md, and nothing else.")
def report(job: str, output: Path | None) -> None:
    """Print the table of a job, and write report.html and report.md into its folder.

    JOB is the name of a job, or the path of a job's folder. What is not done yet is said.
    """
    with plain_errors():
        from search import kinds, storage
        from search.home import Home
        from search.ledger import Ledger

        ledger = Ledger(Home.find().named(job))
        storage.fetch(ledger.folder)
        kinds.report(ledger, output)
        click.echo(kinds.summary(ledger, output))


@click.command()
@click.argument("jobs", nargs=-1, required=True)
@click.option("--output", type=FilePath, help="FILE.html or FILE.md, in place of the terminal.")
def compare(jobs: tuple[str, ...], output: Path | None) -> None:
    """Set JOBS side by side, those that differ in their seed alone as one line.

    Each is the name of a job, or the path of a job's folder.
    """
    with plain_errors():
        from search import storage
        from search.home import Home
        from search.ledger import Ledger
        from search.reports import as_text, comparison
        from search.reports.comparable import compared
        from search.reports.pages import save

        home = Home.find()
        for job in jobs:
            storage.fetch(home.named(job))
        page = comparison.document(compared([Ledger(home.named(job)) for job in jobs]))
        if output is None:
            click.echo(as_text.render(page), nl=False)
        else:
            save(page, output)
            click.echo(output)


@click.command()
@click.argument("job")
@click.argument("file", type=FilePath)
def export(job: str, file: Path) -> None:
    """Write the search of JOB into FILE as a study of Optuna's, for dashboards that read those.

    JOB is the name of a job, or the path of a job's folder; FILE becomes a SQLite database, in
    place of what is there. Exit codes: 2 no such job, or its search has not ended.
    """
    with plain_errors():
        from search import kinds, storage
        from search.home import Home
        from search.ledger import Ledger

        ledger = Ledger(Home.find().named(job))
        storage.fetch(ledger.folder, *storage.STATUS)
        kinds.export(ledger, file)
        click.echo(file)


@click.command()
@click.argument("job")
def sync(job: str) -> None:
    """Send what JOB could not, and publish its model if that alone is missing.

    For a job whose tracking server was away. Exit codes: 1 the server still does not answer;
    2 no such job, or it is running.
    """
    with plain_errors():
        from search.home import Home
        from search.progress import Progress
        from search.tracking import sync as send

        send(Home.find(), job, Progress())


@click.command()
@click.option(
    "--port",
    default=5000,
    show_default=True,
    type=click.IntRange(0, 65535),
    help="Port to listen on; 0: any free.",
)
def ui(port: int) -> None:
    """Open MLflow's UI on this machine's runs, until interrupted."""
    with plain_errors():
        from search.home import Home
        from secateur.tracking.faults import shown
        from serving import ports

        home = Home.find()
        if home.tracking_uri.startswith("http"):
            click.echo(f"runs are at {shown(home.tracking_uri)}, which has a page of its own")
            return
        port = ports.free("127.0.0.1", port)
        home.folder.mkdir(parents=True, exist_ok=True)
    click.echo(f"runs at http://127.0.0.1:{port}  (Ctrl-C stops)")
    command = [sys.executable, "-m", "mlflow", "ui", "--host", "127.0.0.1", "--port", str(port)]
    os.execv(sys.executable, [*command, "--backend-store-uri", home.tracking_uri])
