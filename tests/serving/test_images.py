"""Every format and mode against values worked out by hand."""

from __future__ import annotations

import io
import struct
import zlib

import numpy as np
import pytest
from PIL import Image

from serving.errors import BadRequestError, ContentTooLargeError, UnsupportedMediaError
from serving.images import decode

MAX_PIXELS = 10_000
GREY, COLOUR = (1, 4, 4), (3, 4, 4)


def encode(image: Image.Image, kind: str = "PNG", **options: object) -> bytes:
    file = io.BytesIO()
    image.save(file, kind, **options)
    return file.getvalue()


def flat(mode: str, value: object, size: tuple[int, int] = (4, 4)) -> Image.Image:
    return Image.new(mode, size, value)


def palette(transparency: int | None = None) -> bytes:
    image = flat("P", 1)
    image.putpalette([0, 0, 0, 255, 0, 0])
    options = {} if transparency is None else {"transparency": transparency}
    return encode(image, **options)


def deep_colour_png(red: int, green: int, blue: int) -> bytes:
    """One pixel of 16 bits a channel, which Pillow does not write."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        check = zlib.crc32(kind + data)
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", check)

    header = struct.pack(">IIBBBBB", 1, 1, 16, 2, 0, 0, 0)
    row = b"\0" + struct.pack(">HHH", red, green, blue)
    body = chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(row)) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + body


def deep_grey(value: int) -> bytes:
    return encode(Image.fromarray(np.full((4, 4), value, np.uint16)))


# Luma of pure red is 0.299 * 255 = 76.2, so 76; half-transparent black over white is 127.
CASES = {
    "grey": (encode(flat("L", 51)), GREY, [51 / 255]),
    "grey to colour": (encode(flat("L", 51)), COLOUR, [51 / 255] * 3),
    "colour": (encode(flat("RGB", (255, 51, 0))), COLOUR, [1, 0.2, 0]),
    "red to grey": (encode(flat("RGB", (255, 0, 0))), GREY, [76 / 255]),
    "bilevel": (encode(flat("1", 1)), GREY, [1]),
    "palette": (palette(), COLOUR, [1, 0, 0]),
    "transparent palette": (palette(transparency=1), COLOUR, [1, 1, 1]),
    "clear": (encode(flat("RGBA", (0, 0, 0, 0))), COLOUR, [1, 1, 1]),
    "half clear": (encode(flat("RGBA", (0, 0, 0, 128))), GREY, [127 / 255]),
    "opaque": (encode(flat("RGBA", (255, 0, 0, 255))), COLOUR, [1, 0, 0]),
    "grey and alpha": (encode(flat("LA", (0, 0))), GREY, [1]),
    "16-bit grey, middle": (deep_grey(32768), GREY, [32768 / 65535]),
    "16-bit grey, top": (deep_grey(65535), GREY, [1]),
    "16-bit grey to colour": (deep_grey(300), COLOUR, [300 / 65535] * 3),
    "16-bit colour": (deep_colour_png(65535, 32768, 255), COLOUR, [1, 128 / 255, 0]),
    "BMP": (encode(flat("RGB", (255, 51, 0)), "BMP"), COLOUR, [1, 0.2, 0]),
    "GIF": (encode(flat("L", 51), "GIF"), GREY, [0.2]),
    "WebP": (encode(flat("RGB", (0, 51, 255)), "WEBP", lossless=True), COLOUR, [0, 0.2, 1]),
    "clear WebP": (encode(flat("RGBA", (0, 0, 0, 0)), "WEBP", lossless=True), GREY, [1]),
}


@pytest.mark.parametrize("name", CASES)
def test_modes_and_formats(name: str) -> None:
    content, shape, expected = CASES[name]
    pixels = decode(content, shape, MAX_PIXELS)
    assert pixels.shape == (1, *shape)
    assert pixels.dtype == np.float32
    assert pixels.flags.c_contiguous
    np.testing.assert_allclose(pixels[0].mean((1, 2)), expected, atol=1e-6)
    assert np.ptp(pixels[0], axis=(1, 2)).max() == 0


@pytest.mark.parametrize(
    ("mode", "value", "expected"),
    [
        ("L", 51, [0.2] * 3),
        ("RGB", (255, 51, 0), [1, 0.2, 0]),
        # No black, no magenta or yellow, full cyan: red is what is missing.
        ("CMYK", (255, 0, 0, 0), [0, 1, 1]),
    ],
)
def test_jpeg_within_its_losses(mode: str, value: object, expected: list[float]) -> None:
    pixels = decode(encode(flat(mode, value), "JPEG", quality=100), COLOUR, MAX_PIXELS)
    np.testing.assert_allclose(pixels[0].mean((1, 2)), expected, atol=3 / 255)


def test_first_frame_of_an_animation() -> None:
    content = encode(flat("L", 255), "GIF", save_all=True, append_images=[flat("L", 0)])
    assert decode(content, GREY, MAX_PIXELS).min() == 1


def test_reducing_averages_over_the_area() -> None:
    # A checkerboard of single pixels has the mean 1/2 under every triangle filter.
    board = (np.indices((16, 16)).sum(0) % 2 * 255).astype(np.uint8)
    pixels = decode(encode(Image.fromarray(board)), GREY, MAX_PIXELS)
    np.testing.assert_allclose(pixels, 0.5, atol=2 / 255)


def test_enlarging_interpolates() -> None:
    # Two columns 0 and 1 at centres 0.5 and 1.5; four columns lie at 0.25, 0.75, 1.25, 1.75.
    two = np.array([[0, 255]], np.uint8)
    pixels = decode(encode(Image.fromarray(two)), (1, 1, 4), MAX_PIXELS)
    np.testing.assert_allclose(pixels[0, 0, 0], [0, 0.25, 0.75, 1], atol=1 / 255)


def test_rows_are_height_and_columns_width() -> None:
    top_white = np.zeros((4, 6), np.uint8)
    top_white[:2] = 255
    pixels = decode(encode(Image.fromarray(top_white)), (1, 2, 3), MAX_PIXELS)
    # Reducing by two, the triangle weighs rows 0 to 3 by 3, 3, 1 and 0 for the upper row.
    np.testing.assert_allclose(pixels[0, 0], [[6 / 7] * 3, [1 / 7] * 3], atol=1 / 255)


def test_16_bit_grey_is_resized_at_its_depth() -> None:
    two = np.array([[1000, 1001]], np.uint16)
    pixels = decode(encode(Image.fromarray(two)), (1, 1, 1), MAX_PIXELS)
    assert pixels.item() == pytest.approx(1000.5 / 65535, rel=1e-6)


def test_exif_orientation_turns_the_picture() -> None:
    image = Image.fromarray(np.array([[0, 255]], np.uint8))
    exif = Image.Exif()
    exif[0x0112] = 6  # to be turned a quarter clockwise: the left column becomes the top row
    pixels = decode(encode(image, exif=exif), (1, 2, 1), MAX_PIXELS)
    assert pixels[0, 0].tolist() == [[0], [1]]


def test_size_is_refused_before_decoding() -> None:
    content = encode(flat("1", 0, (101, 100)))
    # Without its pixels the file can still be refused by its header.
    with pytest.raises(ContentTooLargeError, match="101 x 100 pixels; at most 10000"):
        decode(content[:41], GREY, MAX_PIXELS)


def test_size_at_the_limit_is_accepted() -> None:
    assert decode(encode(flat("1", 1, (100, 100))), GREY, MAX_PIXELS).min() == 1


@pytest.mark.parametrize("side", [10_000, 20_000])
def test_sizes_that_pillow_itself_warns_of(side: int) -> None:
    bomb = bytearray(encode(flat("1", 0)))
    bomb[16:24] = struct.pack(">II", side, side)
    bomb[29:33] = struct.pack(">I", zlib.crc32(bomb[12:29]))
    with pytest.raises(ContentTooLargeError):
        decode(bytes(bomb), GREY, MAX_PIXELS)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"not a picture",
        encode(flat("L", 0))[:45],
        encode(flat("L", 0), "TIFF"),
        encode(flat("L", 0), "PPM"),
        b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 4 4\n",
    ],
    ids=["empty", "text", "cut short", "TIFF", "PPM", "EPS"],
)
def test_what_is_no_picture(content: bytes) -> None:
    with pytest.raises(UnsupportedMediaError, match="PNG, JPEG, BMP, GIF, WEBP"):
        decode(content, GREY, MAX_PIXELS)


def test_a_model_of_other_channels() -> None:
    with pytest.raises(BadRequestError, match="2 channels"):
        decode(encode(flat("L", 0)), (2, 4, 4), MAX_PIXELS)
