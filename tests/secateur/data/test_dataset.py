import hashlib
import math
import pickle
import subprocess
import sys
from dataclasses import fields

import numpy as np
import pytest
import torch

from secateur.data import Dataset, Development, Images
from secateur.data.dataset import channel_statistics


def images(count, value=0, channels=1):
    pixels = np.full((count, channels, 2, 2), value, np.uint8)
    return Images(pixels, np.arange(count, dtype=np.int64) % 2)


def dataset(train=None):
    splits = (train or images(4, value=51), images(2), images(2, value=9))
    return Dataset.of("some", ("no", "yes"), *splits)


def test_statistics_by_hand():
    # channel 0: 0, 0, 255, 255: mean 1/2, deviation 1/2
    # channel 1: 51, 102, 153, 204, which are 0.2 to 0.8: mean 0.5, variance
    # (0.3² + 0.1² + 0.1² + 0.3²) / 4 = 0.05
    pixels = np.array([[[[0, 0]], [[51, 102]]], [[[255, 255]], [[153, 204]]]], np.uint8)
    mean, std = channel_statistics(pixels)
    assert mean == pytest.approx((0.5, 0.5))
    assert std == pytest.approx((0.5, math.sqrt(0.05)))


def test_statistics_over_many_chunks_agree_with_numpy():
    pixels = np.random.default_rng(0).integers(0, 256, (2500, 2, 3, 3), dtype=np.uint8)
    mean, std = channel_statistics(pixels)
    scaled = pixels.astype(np.float64) / 255
    assert mean == pytest.approx(scaled.mean(axis=(0, 2, 3)))
    assert std == pytest.approx(scaled.std(axis=(0, 2, 3)))


def test_a_constant_channel_can_be_divided_by():
    assert channel_statistics(images(3, value=51).pixels) == ((pytest.approx(0.2),), (1.0,))


def test_statistics_are_of_the_training_split_alone():
    assert dataset().mean == (pytest.approx(0.2),)


def test_digest_of_splits_by_hand():
    # Of each split: the shape as Python prints it, the pixels, the labels as 64 bits
    # little-endian. A change of this layout would make old jobs incomparable.
    zero, one = bytes(8), b"\1" + bytes(7)
    content = b"".join(
        [
            b"(4, 1, 2, 2)" + bytes([51] * 16) + zero + one + zero + one,
            b"(2, 1, 2, 2)" + bytes(8) + zero + one,
            b"(2, 1, 2, 2)" + bytes([9] * 8) + zero + one,
        ]
    )
    assert dataset().split_digest == hashlib.sha256(content).hexdigest()


def test_digest_of_the_data_by_hand():
    # The shape of one image as Python prints it, then the sorted SHA-256 of each image: its
    # label as 64 bits little-endian, and its pixels. However images are parted and ordered.
    zero, one = bytes(8), b"\1" + bytes(7)
    single = [label + bytes([value] * 4) for value in (51, 51, 0, 9) for label in (zero, one)]
    digests = sorted(hashlib.sha256(content).digest() for content in single)
    expected = hashlib.sha256(b"(1, 2, 2)" + b"".join(digests)).hexdigest()
    assert dataset().digest == expected
    backwards = images(4, value=51).take(np.arange(4)[::-1])
    splits = (images(2, value=9), backwards, images(2))
    assert Dataset.of("some", ("no", "yes"), *splits).digest == expected


@pytest.mark.parametrize("array", ["pixels", "labels"])
@pytest.mark.parametrize("split", ["train", "validation", "test"])
def test_digest_changes_with_any_pixel_and_label_of_any_split(split, array):
    splits = {"train": images(4), "validation": images(2), "test": images(2)}
    before = Dataset.of("some", ("no", "yes"), **splits).split_digest
    getattr(splits[split], array).flat[0] += 1
    assert Dataset.of("some", ("no", "yes"), **splits).split_digest != before


def test_digest_of_the_data_changes_with_a_pixel_and_with_a_label():
    before = dataset().digest
    for array in ("pixels", "labels"):
        train = images(4, value=51)
        getattr(train, array).flat[0] += 1
        assert dataset(train).digest != before


def test_digest_tells_shapes_apart():
    labels = np.zeros(1, np.int64)
    flat, tall = (Images(np.zeros((1, 1, *shape), np.uint8), labels) for shape in ((1, 4), (4, 1)))
    assert (
        Dataset.of("a", ("no", "yes"), flat, flat, flat).split_digest
        != Dataset.of("a", ("no", "yes"), tall, tall, tall).split_digest
    )


def test_development_holds_everything_but_the_test_split():
    data = dataset()
    development = data.development
    assert {field.name for field in fields(Development)} == {
        "labels",
        "train",
        "validation",
        "mean",
        "std",
        "scale",
    }
    assert development.train is data.train
    assert development.input_shape == data.input_shape == (1, 2, 2)


def test_development_survives_pickling():
    development = dataset().development
    again = pickle.loads(pickle.dumps(development))
    assert np.array_equal(again.train.pixels, development.train.pixels)
    assert (again.labels, again.mean, again.std) == (
        development.labels,
        development.mean,
        development.std,
    )


def test_take():
    some = Images(np.arange(4, dtype=np.uint8).reshape(4, 1, 1, 1), np.array([3, 2, 1, 0]))
    taken = some.take(np.array([2, 0]))
    assert taken.pixels.ravel().tolist() == [2, 0]
    assert taken.labels.tolist() == [1, 3]
    assert len(some.take(slice(3))) == 3


def test_tensors_keep_types_and_share_memory():
    some = images(3, value=7, channels=2)
    pixels, labels = some.tensors()
    assert (pixels.dtype, labels.dtype) == (torch.uint8, torch.int64)
    some.pixels[0, 0, 0, 0] = 9
    assert pixels[0, 0, 0, 0] == 9


def test_tensors_of_read_only_arrays_are_copies():
    some = images(3)
    some.pixels.setflags(write=False)
    some.labels.setflags(write=False)
    pixels, _ = some.tensors()  # torch would warn, and warnings are errors here
    pixels += 1
    assert some.pixels.max() == 0


@pytest.mark.parametrize(
    ("pixels", "labels"),
    [
        (np.zeros((2, 1, 2, 2)), np.zeros(2, np.int64)),
        (np.zeros((2, 2, 2), np.uint8), np.zeros(2, np.int64)),
        (np.zeros((2, 1, 2, 2), np.uint8), np.zeros(2, np.int32)),
        (np.zeros((2, 1, 2, 2), np.uint8), np.zeros(3, np.int64)),
    ],
)
def test_images_hold_their_invariants(pixels, labels):
    with pytest.raises(AssertionError):
        Images(pixels, labels)


def test_data_loads_neither_torch_nor_scikit_learn():
    code = "import sys, secateur.data; print({'torch', 'sklearn', 'ray'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"
