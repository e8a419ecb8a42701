import struct

import numpy as np
import pytest
from PIL import Image


@pytest.fixture
def write_image():
    """Writes an image of one colour, or of the given pixels."""

    def write(path, colour=(10, 20, 30), size=(4, 4), mode="RGB"):
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.new(mode, (size[1], size[0]), colour).save(path)
        return path

    return write


@pytest.fixture
def class_folders(tmp_path, write_image):
    """Two classes of ten images: 'bird' all 10s, 20s, 30s, 'cat' counting up from 0."""
    for number in range(10):
        write_image(tmp_path / "animals" / "cat" / f"{number}.png", (number, number, number))
        write_image(tmp_path / "animals" / "bird" / f"{number}.png")
    return tmp_path / "animals"


def write_idx(folder, prefix, pixels, labels):
    """The two files of a split: magic number, sizes (big-endian), bytes."""
    folder.mkdir(parents=True, exist_ok=True)
    head = struct.pack(">4i", 2051, *pixels.shape)  # 0x803: unsigned bytes, 3 dimensions
    (folder / f"{prefix}-images-idx3-ubyte").write_bytes(head + pixels.tobytes())
    head = struct.pack(">2i", 2049, len(labels))  # 0x801: unsigned bytes, 1 dimension
    (folder / f"{prefix}-labels-idx1-ubyte").write_bytes(head + labels.tobytes())


@pytest.fixture
def mnist_files(tmp_path, monkeypatch):
    """MNIST's layout with 60 training and 20 test images of 28x28, below SECATEUR_DATA."""
    generator = np.random.default_rng(0)
    folder = tmp_path / "MNIST" / "raw"
    for prefix, count in (("train", 60), ("t10k", 20)):
        pixels = generator.integers(0, 256, (count, 28, 28), dtype=np.uint8)
        write_idx(folder, prefix, pixels, np.arange(count, dtype=np.uint8) % 10)
    monkeypatch.setenv("SECATEUR_DATA", str(tmp_path))
    return folder
