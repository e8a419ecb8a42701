"""The command line. Heavy imports live inside commands, so that ``--help`` answers at once."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from secateur.spec import JobSpec

NOT_PUBLISHED = 3
INTERRUPTED = 130

SpecFile = click.Path(dir_okay=False, path_type=Path)


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="secateur")
def main() -> None:
    """Search, prune and serve deep networks.

    Jobs, runs and models are kept under SECATEUR_HOME, which is ./runs where unset.
    """


@main.command()
@click.argument("spec", type=SpecFile)
def validate(spec: Path) -> None:
    """Check a job file and the data it names, and run nothing."""
    with _plain_errors():
        job = _load(spec)
        from search.preflight import preflight

        data = preflight(job)
        if data.skipped:
            from search.report import skipped_line

            click.echo(skipped_line(data.skipped))
        click.echo(
            f"{spec}: sound. {job.name}: {job.search.trials} trials on {data.name} "
            f"({len(data.train)} training, {len(data.validation)} validation, {len(data.test)} "
            f"test images), {len(job.prune.targets)} targets of {job.prune.episodes} episodes."
        )


@main.command()
@click.argument("spec", type=SpecFile)
@click.option("--restart", is_flag=True, help="Discard what an earlier run of the job has done.")
def run(spec: Path, *, restart: bool) -> None:
    """Run a job on this machine, or go on where it stopped.

    Exit codes: 0 published; 3 finished, but the publication gate refused; 2 a mistake in
    the job or its data; 1 a stage failed; 130 interrupted.
    """
    with _plain_errors():
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


@main.command()
@click.argument("job")
def report(job: str) -> None:
    """Print the table of a finished job; its page and pictures lie in the job's folder."""
    with _plain_errors():
        from search.home import Home
        from search.ledger import Ledger
        from search.summary import summary

        click.echo(summary(Ledger(Home.find().job(job))))


@main.command()
@click.argument("models", nargs=-1)
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--port", default=8000, show_default=True, help="Port to listen on; 0: any free.")
@click.option("--replicas", default=1, show_default=True, help="Server processes, a CPU each.")
@click.option("--limit", "limits", multiple=True, metavar="NAME=VALUE", help="Change a limit.")
@click.option("--keys", type=SpecFile, help="File of API keys; SECATEUR_API_KEYS where absent.")
@click.option("--access-log", type=SpecFile, help="File for a line of JSON a request.")
def serve(
    models: tuple[str, ...],
    host: str,
    port: int,
    replicas: int,
    limits: tuple[str, ...],
    keys: Path | None,
    access_log: Path | None,
) -> None:
    """Serve the champions of MODELS, or of all registered models, until interrupted.

    docs/serving.md lists the limits and says how to make API keys.
    """
    with _plain_errors():
        from search.home import Home
        from search.local_ray import local_ray
        from search.progress import Progress
        from search.serve import options, sources
        from serving.server import running

        home, progress = Home.find(), Progress()
        asked = options(limits, keys, access_log or home.folder / "access.log")
        served = sources(home, models)
        with (
            local_ray(home.folder / "serve.log"),
            running(served, host=host, port=port, replicas=replicas, **asked) as url,
        ):
            names = ", ".join(source.name for source in served)
            progress.line(f"{names} at {url}  (Ctrl-C stops)")
            if asked["keys"] is None and not host.startswith("127."):
                progress.line("without --keys, whoever reaches this address may ask")
            signal.pause()


@main.command()
@click.argument("images", nargs=-1, required=True, type=click.Path(dir_okay=False, path_type=Path))
@click.option("--model", required=True, help="Name of the served model.")
@click.option("--url", default="http://127.0.0.1:8000", show_default=True, help="Of the server.")
@click.option("--key", envvar="SECATEUR_API_KEY", help="API key; SECATEUR_API_KEY where absent.")
def predict(images: tuple[Path, ...], model: str, url: str, key: str | None) -> None:
    """Ask a running server what IMAGES show."""
    with _plain_errors():
        from secateur.errors import DataError
        from serving.client import classify

        for path in images:
            try:
                content = path.read_bytes()
            except OSError as error:
                raise DataError(f"{path}: {error.strerror}; expected an image file") from None
            answer = classify(url, model, content, key=key)
            click.echo(f"{path}: {answer.label} ({answer.probabilities[answer.label]:.1%})")


@main.command()
@click.option("--port", default=5000, show_default=True, help="Port to listen on.")
def ui(port: int) -> None:
    """Open MLflow's UI on this machine's runs, until interrupted."""
    from search.home import Home

    home = Home.find()
    home.folder.mkdir(parents=True, exist_ok=True)
    click.echo(f"runs at http://127.0.0.1:{port}  (Ctrl-C stops)")
    command = [sys.executable, "-m", "mlflow", "ui", "--host", "127.0.0.1", "--port", str(port)]
    os.execv(sys.executable, [*command, "--backend-store-uri", home.tracking_uri])


def _load(path: Path) -> JobSpec:
    from secateur.spec import load

    return load(path)


@contextmanager
def _plain_errors() -> Iterator[None]:
    """One line and an exit code for what goes wrong."""
    from search.quiet import hush
    from secateur.errors import SecateurError

    hush()
    try:
        yield
    except KeyboardInterrupt:
        click.echo("secateur: stopped; the same command goes on from here", err=True)
        sys.exit(INTERRUPTED)
    except Exception as error:
        # Ray wraps what a worker raised; the cause is what the user should read.
        cause = getattr(error, "cause", None) or error
        if not isinstance(cause, SecateurError):
            raise
        click.echo(f"secateur: error: {cause}", err=True)
        sys.exit(cause.exit_code)
