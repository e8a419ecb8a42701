import io

import numpy as np
import pytest
from PIL import Image

from secateur.data.decoding import FORMATS, SUFFIXES, decode
from secateur.errors import DataError


def encoded(image, kind="PNG", **options):
    file = io.BytesIO()
    image.save(file, kind, **options)
    file.seek(0)
    return file


def test_layout_is_channels_height_width():
    pixels = np.arange(24, dtype=np.uint8).reshape(2, 4, 3)
    decoded = decode(encoded(Image.fromarray(pixels)), channels=3)
    assert decoded.dtype == np.uint8
    assert np.array_equal(decoded, pixels.transpose(2, 0, 1))


@pytest.mark.parametrize("kind", FORMATS)
def test_every_format(kind):
    decoded = decode(encoded(Image.new("RGB", (5, 4), (200, 200, 200)), kind), channels=1)
    assert decoded.shape == (1, 4, 5)
    assert np.abs(decoded.astype(int) - 200).max() <= 2  # JPEG and WEBP lose a little


def test_every_suffix_is_of_a_known_format():
    known = {suffix for suffix, kind in Image.registered_extensions().items() if kind in FORMATS}
    assert known >= SUFFIXES


def test_grey_is_repeated():
    decoded = decode(encoded(Image.new("L", (2, 2), 77)), channels=3)
    assert np.array_equal(decoded, np.full((3, 2, 2), 77))


def test_transparency_is_laid_over_white():
    # a quarter of red over white: 255, and 255 - 64 = 191
    image = Image.new("RGBA", (2, 2), (255, 0, 0, 64))
    assert decode(encoded(image), channels=3)[:, 0, 0].tolist() == [255, 191, 191]


def test_sixteen_bits_are_scaled():
    image = Image.fromarray(np.full((2, 2), 40_000, np.uint16))
    assert decode(encoded(image), channels=1).max() == 156  # 40,000 / 257 = 155.6


def test_exif_orientation_is_applied():
    image = Image.new("L", (4, 2))
    exif = Image.Exif()
    exif[0x0112] = 6  # turned by a quarter
    assert decode(encoded(image, "JPEG", exif=exif), channels=1).shape == (1, 4, 2)


def test_resizing_averages():
    # halving a board of 0 and 200: every new pixel weighs both colours alike
    board = (np.indices((8, 8)).sum(axis=0) % 2 * 200).astype(np.uint8)
    decoded = decode(encoded(Image.fromarray(board)), channels=1, size=(4, 4))
    assert np.abs(decoded[0, 1:-1, 1:-1].astype(int) - 100).max() <= 1


def test_thirty_two_bits_are_refused():
    image = Image.fromarray(np.zeros((2, 2), np.float32))
    with pytest.raises(DataError, match="mode F has 32 bits"):
        decode(encoded(image, "TIFF"), channels=1)


def test_formats_beyond_those_named_are_refused():
    with pytest.raises(DataError, match="image: cannot be read as an image"):
        decode(encoded(Image.new("L", (2, 2)), "TGA"), channels=1)


def test_a_tag_of_a_wrong_type_is_a_broken_file():
    # Where the pixels of this TIFF begin is told by a fraction, which Pillow fails to seek to.
    intact = encoded(Image.new("L", (4, 4), 7), "TIFF").getvalue()
    offsets = (273).to_bytes(2, "little")
    fraction = (5).to_bytes(2, "little")
    place = intact.index(offsets) + len(offsets)
    broken = intact[:place] + fraction + intact[place + len(fraction) :]
    with pytest.raises(DataError, match="image: cannot be read as an image"):
        decode(io.BytesIO(broken), channels=1)


def test_huge_images_are_refused(monkeypatch):
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 1)
    with pytest.raises(DataError, match="cannot be read as an image"):
        decode(encoded(Image.new("L", (3, 3))), channels=1)
