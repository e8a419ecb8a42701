"""Pixels that a generator made, as PNG files."""

from __future__ import annotations

import io
import math
import zipfile
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from serving.errors import BadRequestError

# White pixels between the images of a grid.
GAP = 2

_MODES = {1: "L", 3: "RGB"}
# Of every file in an archive: the same images make the same bytes whenever they are asked for.
_DATE = (1980, 1, 1, 0, 0, 0)


def pictures(images: NDArray[np.float32]) -> list[Image.Image]:
    """Round pixels to 8 bits.

    Args:
        images: float32 of shape (n, channels, height, width), values in [0, 1].

    Raises:
        BadRequestError: neither 1 nor 3 channels.
    """
    channels = images.shape[1]
    if channels not in _MODES:
        raise BadRequestError(
            f"the model makes {channels} channels and a PNG has 1 or 3; ask for its tensor by /v2"
        )
    levels = np.rint(np.clip(images, 0, 1) * 255).astype(np.uint8).transpose(0, 2, 3, 1)
    return [Image.fromarray(level[..., 0] if channels == 1 else level) for level in levels]


def png(picture: Image.Image) -> bytes:
    """A picture as a PNG file."""
    file = io.BytesIO()
    picture.save(file, "PNG")
    return file.getvalue()


def grid(tiles: Sequence[Image.Image]) -> Image.Image:
    """Pictures of one size in rows, as near to a square as their number allows.

    There are ``GAP`` white pixels between them, and white where the last row ends early.
    """
    columns = math.ceil(math.sqrt(len(tiles)))
    rows = math.ceil(len(tiles) / columns)
    width, height = (size + GAP for size in tiles[0].size)
    whole = Image.new(tiles[0].mode, (columns * width - GAP, rows * height - GAP), "white")
    for index, tile in enumerate(tiles):
        row, column = divmod(index, columns)
        whole.paste(tile, (column * width, row * height))
    return whole


def archive(files: Sequence[bytes]) -> bytes:
    """PNG files as a zip file of ``000.png``, ``001.png`` and so on."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_STORED) as whole:
        for index, file in enumerate(files):
            whole.writestr(zipfile.ZipInfo(f"{index:03}.png", _DATE), file)
    return content.getvalue()
