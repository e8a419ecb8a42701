"""The command line. Heavy imports live inside commands, so that ``--help`` answers at once."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from secateur.spec import JobSpec
    from secateur.tracking.promotion import Succession

NOT_PUBLISHED = 3
INTERRUPTED = 130

SpecFile = click.Path(dir_okay=False, path_type=Path)


def _challenger(_: click.Context, __: click.Parameter, value: str | None) -> object:
    """The field of a server that ``--challenger`` stands for."""
    if value is None:
        return None
    return {"shadow": True} if value == "shadow" else {"share": value}


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
        prune = job.prune
        pruning = (
            f"{len(prune.targets)} targets of {prune.episodes} episodes" if prune else "no pruning"
        )
        click.echo(
            f"{spec}: sound. {job.name}: {job.search.trials} trials on {data.name} "
            f"({len(data.train)} training, {len(data.validation)} validation, {len(data.test)} "
            f"test images), {pruning}."
        )


@main.command()
@click.argument("spec", type=SpecFile)
@click.option("--restart", is_flag=True, help="Discard what an earlier run of the job has done.")
def run(spec: Path, *, restart: bool) -> None:
    """Run a job on this machine, or go on where it stopped.

    SPEC is a file, or the name of a study that comes with the package: docs/jobs.md.

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
@click.option("--config", type=SpecFile, help="YAML file of settings, as examples/server.yaml.")
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
@click.option("--keys", type=SpecFile, help="File of API keys; SECATEUR_API_KEYS where absent.")
@click.option("--access-log", type=SpecFile, help="File for a line of JSON a request.")
def serve(config: Path | None, limits: tuple[str, ...], **given: object) -> None:
    """Serve the champions of MODELS, or of all registered models, until interrupted.

    docs/serving.md lists settings and limits, and says how to make API keys.
    """
    with _plain_errors():
        from search.home import Home
        from search.local_ray import local_ray
        from search.progress import Progress
        from search.serve import open_to_all, settings, sources, until_stopped
        from serving.ingress import prepared
        from serving.server import running

        home, progress = Home.find(), Progress()
        spec = settings(home, config, given, limits)
        served = sources(home, spec.models)
        with (
            prepared(spec),
            local_ray(home.folder / "serve.log"),
            running(served, spec) as url,
        ):
            names = ", ".join(source.name for source in served)
            progress.line(f"{names} at {url}  (Ctrl-C stops)")
            if open_to_all(spec):
                progress.line("without --keys, whoever reaches this address may ask")
            until_stopped()
            progress.line("stopping; what was asked before is still answered")


@main.command()
@click.argument("name")
@click.option("--version", help="To promote; the challenger where not said.")
@click.option("--force", is_flag=True, help="Promote whatever its figures are.")
def promote(name: str, version: str | None, *, force: bool) -> None:
    """Make the challenger of the model NAME its champion, if it holds its job's gate.

    Servers that run follow within seconds. Exit codes: 3 the gate refused; 2 no such model,
    challenger or version.
    """
    with _plain_errors():
        from search.home import Home
        from secateur.tracking import promotion
        from secateur.tracking.registry import Registry

        change = promotion.promote(Registry(Home.find().tracking_uri), name, version, force=force)
        click.echo(_succession(change))


@main.command()
@click.argument("name")
def rollback(name: str) -> None:
    """Make the version of the model NAME champion that was so before; again goes further back."""
    with _plain_errors():
        from search.home import Home
        from secateur.tracking import promotion
        from secateur.tracking.registry import Registry

        change = promotion.rollback(Registry(Home.find().tracking_uri), name)
        click.echo(_succession(change))


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
@click.option("--model", required=True, help="Name of the served generator.")
@click.option("--n", default=16, show_default=True, type=click.IntRange(1), help="How many.")
@click.option("--seed", type=click.IntRange(0, 2**53 - 1), help="Of the images; any where absent.")
@click.option("--output", required=True, type=SpecFile, help="FILE.png: a grid; FILE.zip: files.")
@click.option("--url", default="http://127.0.0.1:8000", show_default=True, help="Of the server.")
@click.option("--key", envvar="SECATEUR_API_KEY", help="API key; SECATEUR_API_KEY where absent.")
def generate(model: str, n: int, seed: int | None, output: Path, url: str, key: str | None) -> None:
    """Have a running server make images; the same seed makes the same ones."""
    with _plain_errors():
        from search.generate import generate_into

        click.echo(generate_into(output, url, model, n=n, seed=seed, key=key))


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


def _succession(change: Succession) -> str:
    before = f", after version {change.before}" if change.before else ""
    return f"{change.name} version {change.version} is champion{before}"


def _load(path: Path) -> JobSpec:
    from search import presets
    from secateur.spec import load

    return load(presets.resolve(path))


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
