"""Bytes of an uploaded picture to the pixels a model takes.

Normalisation with the training mean and deviation is inside the ONNX graph, so pixels
leave here in [0, 1].
"""

from __future__ import annotations

import io
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps
from PIL.JpegImagePlugin import JpegImageFile

from serving.errors import (
    BadRequestError,
    ContentTooLargeError,
    ServingError,
    UnsupportedMediaError,
)

# Named, so that Pillow's many rarer parsers are out of a stranger's reach.
FORMATS = ("PNG", "JPEG", "BMP", "GIF", "WEBP")
MEDIA_TYPES = ("image/png", "image/jpeg", "image/bmp", "image/gif", "image/webp")

_MODES = {1: "L", 3: "RGB"}

# A progressive JPEG goes over all its pixels once a scan, and a scan can be a few bytes.
# Cameras and encoders write about ten; 32 take a second at the default limit of pixels.
_SCAN = b"\xff\xda"
_MAX_SCANS = 32


def decode_all(
    contents: Sequence[bytes], input_shape: tuple[int, int, int], max_pixels: int
) -> NDArray[np.float32]:
    """Decode several pictures, as ``decode`` does one.

    Args:
        contents: at least one file.
        input_shape: as ``decode`` takes it.
        max_pixels: of all pictures together.

    Returns:
        float32 of shape (n, channels, height, width), values in [0, 1].

    Raises:
        ServingError: as ``decode`` does.
    """
    left, decoded = max_pixels, []
    for content in contents:
        pixels, size = _decode(content, input_shape, left)
        left -= size
        decoded.append(pixels)
    return np.concatenate(decoded)


def decode(
    content: bytes, input_shape: tuple[int, int, int], max_pixels: int
) -> NDArray[np.float32]:
    """Decode a picture, convert it to the model's channels and resize it.

    - The first frame of an animation is taken, turned as its EXIF orientation says.
    - Transparent pixels are laid over white, as on a page.
    - Colour becomes grey by ITU-R 601 luma (0.299 R + 0.587 G + 0.114 B); grey becomes
      colour by repetition. Colour profiles are ignored, CMYK is converted without one.
    - 16-bit grey keeps its depth (value / 65535) and loses a transparent shade, if it names
      one; of 16-bit colour the high byte is used.
    - The whole picture is stretched to height x width by bilinear interpolation whose
      triangle widens when reducing, so that every pixel counts (torchvision's
      ``antialias=True``).

    Args:
        content: a file in one of ``FORMATS``.
        input_shape: (channels, height, width) of the model; channels 1 or 3.
        max_pixels: largest width x height, checked before anything is decoded.

    Returns:
        float32 of shape (1, channels, height, width), values in [0, 1].

    Raises:
        BadRequestError: the model takes neither 1 nor 3 channels.
        ContentTooLargeError: more than ``max_pixels``.
        UnsupportedMediaError: not a whole picture in one of ``FORMATS``.
    """
    pixels, _ = _decode(content, input_shape, max_pixels)
    return pixels


def _decode(
    content: bytes, input_shape: tuple[int, int, int], max_pixels: int
) -> tuple[NDArray[np.float32], int]:
    """A picture's pixels, and how many it had before it was resized."""
    channels, height, width = input_shape
    if channels not in _MODES:
        raise BadRequestError(f"the model takes {channels} channels; a picture has 1 or 3")
    try:
        with Image.open(io.BytesIO(content), formats=FORMATS) as image:
            _check_size(image, max_pixels)
            _check_scans(image, content)
            size = image.width * image.height
            upright = ImageOps.exif_transpose(image)
            pixels = _pixels(upright, _MODES[channels], (width, height))
    except ServingError:
        raise
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise ContentTooLargeError(f"the picture exceeds {max_pixels} pixels") from error
    except Exception as error:
        # Parsers of broken files raise whatever they stumble on (OSError, SyntaxError,
        # ValueError, struct.error, ...); none of it is the server's fault.
        names = ", ".join(FORMATS)
        raise UnsupportedMediaError(f"the body is not a readable picture ({names})") from error
    planes = np.broadcast_to(pixels.reshape(height, width, -1), (height, width, channels))
    return np.ascontiguousarray(planes.transpose(2, 0, 1)[np.newaxis]), size


def _check_size(image: Image.Image, max_pixels: int) -> None:
    width, height = image.size
    if width * height > max_pixels:
        raise ContentTooLargeError(
            f"the picture has {width} x {height} pixels; at most {max_pixels} are accepted"
        )


def _check_scans(image: Image.Image, content: bytes) -> None:
    # Files of several pictures, as some cameras write them, have a format of their own.
    if isinstance(image, JpegImageFile) and content.count(_SCAN) > _MAX_SCANS:
        raise ContentTooLargeError(f"the picture has more than {_MAX_SCANS} scans")


def _pixels(image: Image.Image, mode: str, size: tuple[int, int]) -> NDArray[np.float32]:
    if image.mode.startswith("I;16"):
        # Pillow would clip 16-bit grey at 255 on its way to 8 bits.
        image, peak = Image.fromarray(np.asarray(image, np.float32)), 65535.0
    else:
        image, peak = _opaque(image).convert(mode), 255.0
    if image.size != size:
        image = image.resize(size, Image.Resampling.BILINEAR)
    return np.asarray(image, np.float32) / np.float32(peak)


def _opaque(image: Image.Image) -> Image.Image:
    if not image.has_transparency_data:
        return image
    layer = image.convert("RGBA")
    return Image.alpha_composite(Image.new("RGBA", layer.size, "white"), layer)
