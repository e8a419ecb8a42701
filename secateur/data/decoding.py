"""Image files to pixels, by the rule that the server also applies to uploads."""

from __future__ import annotations

from pathlib import Path
from typing import BinaryIO, Literal

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps, UnidentifiedImageError

from secateur.errors import DataError, cause

SUFFIXES = frozenset(
    {".bmp", ".gif", ".jpeg", ".jpg", ".pgm", ".png", ".ppm", ".tif", ".tiff", ".webp"}
)

# Decoders that may see a file, whatever its suffix says.
FORMATS = ("JPEG", "PNG", "BMP", "GIF", "PPM", "TIFF", "WEBP")

Mode = Literal["gray", "rgb"]
# Pillow's modes without colours, but for those of 16 bits.
_GREY = frozenset({"1", "L", "LA", "I", "F"})

# Levels of 16 bits to one level of 8: 65535 / 255.
_LEVELS = 257


def decode(
    file: str | Path | BinaryIO, channels: int, size: tuple[int, int] | None = None
) -> NDArray[np.uint8]:
    """Read one image.

    - The first frame of an animation is taken, turned as its EXIF orientation says.
    - Transparent pixels are laid over white.
    - Colour becomes grey by ITU-R 601 luma; grey becomes colour by repetition. Colour
      profiles are ignored, CMYK is converted without one.
    - 16-bit grey is scaled to 8 bits.
    - With ``size`` the image is stretched to it, bilinearly with antialiasing.

    Args:
        file: a path, or an open binary file.
        channels: 1 (grey) or 3 (red, green, blue).
        size: (height, width) to resize to; absent keeps the image's own.

    Returns:
        uint8 (channels, height, width).

    Raises:
        DataError: no image of a known format, a broken one, or 32 bits a pixel value.
    """
    try:
        with Image.open(file, formats=FORMATS) as image:
            ImageOps.exif_transpose(image, in_place=True)
            return _pixels(_converted(image, "L" if channels == 1 else "RGB"), size)
    except MemoryError:
        raise
    # Decoders of broken files raise whatever they stumble on.
    except Exception as error:
        raise DataError(
            f"{_named(file)}: cannot be read as an image ({_reason(error)}); "
            f"expected an intact file of {', '.join(FORMATS)}"
        ) from None


def stored_mode(file: str | Path) -> Mode | None:
    """Whether a file holds grey or colour, by its head alone; nothing where that is broken.

    Palettes count as colour, also those of greys.
    """
    try:
        with Image.open(file, formats=FORMATS) as image:
            return "gray" if image.mode in _GREY or image.mode.startswith("I;16") else "rgb"
    except Exception:
        return None


def _converted(image: Image.Image, mode: str) -> Image.Image:
    if image.mode.startswith("I;16"):  # Pillow would clip at 255
        levels = np.asarray(image, np.float32) / _LEVELS
        image = Image.fromarray(np.rint(levels).astype(np.uint8))
    elif image.mode in {"I", "F"}:
        raise ValueError(f"mode {image.mode} has 32 bits a value, of unknown range")
    elif image.has_transparency_data:
        layer = image.convert("RGBA")
        image = Image.alpha_composite(Image.new("RGBA", layer.size, "white"), layer)
    return image if image.mode == mode else image.convert(mode)


def _pixels(image: Image.Image, size: tuple[int, int] | None) -> NDArray[np.uint8]:
    if size is not None and image.size != (size[1], size[0]):
        image = image.resize((size[1], size[0]), Image.Resampling.BILINEAR)
    array = np.asarray(image, dtype=np.uint8)
    return array[None] if image.mode == "L" else array.transpose(2, 0, 1)


def _named(file: str | Path | BinaryIO) -> str:
    return str(file) if isinstance(file, (str, Path)) else "image"


def _reason(error: Exception) -> str:
    if isinstance(error, UnidentifiedImageError):
        return "of no known format"
    return cause(error)
