from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from search.generation.snapshots import Snapshots, to_pixels
from secateur.errors import ArtifactError


def test_pixels_of_signed_images() -> None:
    # -1 is 0, 1 is 255, 0 is 127.5, which rounds to the even 128; beyond the ends is at them.
    images = torch.tensor([-1.0, 0.0, 1.0, -1.5, 2.0])
    np.testing.assert_array_equal(to_pixels(images), np.array([0, 128, 255, 0, 255], np.uint8))
    levels = np.arange(4, dtype=np.uint8)
    np.testing.assert_array_equal(to_pixels(levels), levels)


def flat(level: float) -> np.ndarray:
    return np.full((3, 1, 4, 4), level, np.float32)


def test_samples_come_back_by_step(tmp_path: Path) -> None:
    taken = Snapshots().with_(100, flat(-1)).with_(200, flat(1))
    taken.save(tmp_path / "samples.npz")
    again = Snapshots.read(tmp_path / "samples.npz")
    assert again is not None
    assert again.steps == (100, 200)
    assert [(images.shape, int(images.max())) for images in again.images] == [
        ((3, 1, 4, 4), 0),
        ((3, 1, 4, 4), 255),
    ]
    assert [path.name for path in tmp_path.iterdir()] == ["samples.npz"]


def test_samples_that_cannot_be_written_leave_nothing_behind(tmp_path: Path) -> None:
    odd = Snapshots((100, 200), (np.zeros((3, 1, 4, 4), np.uint8), np.zeros((1, 1), np.uint8)))
    with pytest.raises(ValueError, match="same shape"):
        odd.save(tmp_path / "samples.npz")
    assert list(tmp_path.iterdir()) == []


def test_a_training_that_goes_back_forgets_what_came_after() -> None:
    taken = Snapshots().with_(100, flat(-1)).with_(200, flat(1)).with_(150, flat(0))
    assert taken.steps == (100, 150)
    assert len(taken.images) == 2


def test_no_file_and_a_damaged_one(tmp_path: Path) -> None:
    assert Snapshots.read(tmp_path / "samples.npz") is None
    (tmp_path / "samples.npz").write_bytes(b"text")
    with pytest.raises(ArtifactError, match=r"samples\.npz: damaged"):
        Snapshots.read(tmp_path / "samples.npz")
