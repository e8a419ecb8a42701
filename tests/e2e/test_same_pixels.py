"""A served image is read exactly as a training image was."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from secateur.data.decoding import decode as decode_for_training
from serving.images import decode as decode_for_serving
from serving.limits import Limits


def picture(mode: str) -> Image.Image:
    """A gradient with a soft edge, in any mode."""
    ramp = np.arange(13 * 17, dtype=np.uint8).reshape(13, 17)
    colour = np.stack([ramp, ramp[::-1], 255 - ramp, np.clip(2 * ramp, 0, 255)], axis=-1)
    return Image.fromarray(colour, "RGBA").convert(mode)


@pytest.mark.parametrize("channels", [1, 3])
@pytest.mark.parametrize("size", [(13, 17), (8, 8), (32, 20)])
@pytest.mark.parametrize(
    ("mode", "suffix"),
    [("L", "png"), ("RGB", "png"), ("RGBA", "png"), ("LA", "png"), ("P", "png"), ("1", "png"),
     ("RGB", "jpg"), ("L", "jpg"), ("CMYK", "jpg"), ("RGB", "bmp"), ("P", "gif"), ("RGB", "webp")],
)  # fmt: skip
def test_both_read_the_same_pixels(
    mode: str, suffix: str, size: tuple[int, int], channels: int, tmp_path: Path
) -> None:
    file = tmp_path / f"picture.{suffix}"
    picture(mode).save(file)
    trained = decode_for_training(file, channels, size).astype(np.float32) / 255
    served = decode_for_serving(file.read_bytes(), (channels, *size), Limits().image_pixels)
    # Training keeps eight bits, serving need not round.
    np.testing.assert_allclose(served[0], trained, atol=0.5 / 255 + 1e-6)
