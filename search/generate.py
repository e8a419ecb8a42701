"""Images from a running server to a file."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from secateur.errors import DataError, SpecError
from serving.client import generate
from serving.generations import Format, GenerateRequest

_FORMATS: Final[dict[str, Format]] = {".png": "png", ".zip": "zip"}


def generate_into(
    output: Path,
    url: str,
    model: str,
    *,
    n: int,
    seed: int | None,
    valid: bool = False,
    key: str | None = None,
) -> str:
    """Ask for images, write them, and say in a line what was written.

    Args:
        output: ``.png`` for a picture of all images in a grid, ``.zip`` for a file each.
        url: base URL of the server.
        model: name of the generator.
        n: how many images, at least 1.
        seed: of the images, at least 0; the server draws one where absent.
        valid: whether all must pass the model's test of validity.
        key: API key, where the server asks for one.

    Raises:
        SpecError: a file name of another kind.
        ClientError: the server does not answer, or refuses.
        DataError: the file cannot be written.
    """
    kind = _FORMATS.get(output.suffix.lower())
    if kind is None:
        raise SpecError("output", str(output), "a file name that ends in .png or .zip")
    asked = GenerateRequest(n=n, seed=seed, valid=valid, format=kind)
    made = generate(url, model, asked, key=key)
    try:
        output.write_bytes(made.content)
    except OSError as error:
        raise DataError(f"{output}: {error.strerror}; expected a file to write") from None
    images = f"{'valid ' * valid}image{'s' * (n > 1)}"
    tried = "" if made.tried is None else f", {made.tried} tried"
    return f"{output}: {n} {images} of seed {made.seed}{tried}"
