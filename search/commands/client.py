"""Commands of an application: small clients of a running server."""

from __future__ import annotations

from pathlib import Path

import click

from search.commands.errors import plain_errors
from search.commands.options import FilePath


@click.command()
@click.argument("images", nargs=-1, required=True, type=click.Path(dir_okay=False, path_type=Path))
@click.option("--model", required=True, help="Name of the served model.")
@click.option("--url", default="http://127.0.0.1:8000", show_default=True, help="Of the server.")
@click.option("--key", envvar="SECATEUR_API_KEY", help="API key; SECATEUR_API_KEY where absent.")
def predict(images: tuple[Path, ...], model: str, url: str, key: str | None) -> None:
    """Ask a running server what IMAGES show."""
    with plain_errors():
        from secateur.errors import DataError
        from serving.client import classify

        for path in images:
            try:
                content = path.read_bytes()
            except OSError as error:
                raise DataError(f"{path}: {error.strerror}; expected an image file") from None
            answer = classify(url, model, content, key=key)
            click.echo(f"{path}: {answer.label} ({answer.probabilities[answer.label]:.1%})")


@click.command()
@click.option("--model", required=True, help="Name of the served generator.")
@click.option("--n", default=16, show_default=True, type=click.IntRange(1), help="How many.")
@click.option("--seed", type=click.IntRange(0, 2**53 - 1), help="Of the images; any where absent.")
@click.option("--valid", is_flag=True, help="Make those again that fail the model's own test.")
@click.option("--output", required=True, type=FilePath, help="FILE.png: a grid; FILE.zip: files.")
@click.option("--url", default="http://127.0.0.1:8000", show_default=True, help="Of the server.")
@click.option("--key", envvar="SECATEUR_API_KEY", help="API key; SECATEUR_API_KEY where absent.")
def generate(
    model: str, n: int, seed: int | None, output: Path, url: str, key: str | None, *, valid: bool
) -> None:
    """Have a running server make images; the same seed makes the same ones."""
    with plain_errors():
        from search.generate import generate_into

        click.echo(generate_into(output, url, model, n=n, seed=seed, valid=valid, key=key))
