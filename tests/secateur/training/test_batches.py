from typing import get_args

import numpy as np
import pytest
import torch

from secateur.data import Images
from secateur.records import Augmentation
from secateur.training.augment import augment, random_mirror, random_shift
from secateur.training.batches import Batches
from secateur.training.preprocess import Normalize, to_float

CPU = torch.device("cpu")


def seeded(seed=0):
    return torch.Generator().manual_seed(seed)


def numbered(count):
    """Images of one pixel, which is their number and their label."""
    numbers = np.arange(count)
    return Images(numbers.astype(np.uint8)[:, None, None, None], numbers.astype(np.int64))


def test_to_float():
    pixels = torch.tensor([0, 51, 255], dtype=torch.uint8)
    assert to_float(pixels).tolist() == pytest.approx([0, 0.2, 1])
    assert pixels.tolist() == [0, 51, 255]


def test_normalize_by_channel():
    # (0.5 - 0.25) / 0.5 = 0.5 and (0.5 - 0.75) / 0.125 = -2
    images = torch.full((3, 2, 4, 5), 0.5)
    normalised = Normalize((0.25, 0.75), (0.5, 0.125))(images)
    assert normalised.shape == images.shape
    assert normalised[:, 0].unique().tolist() == [0.5]
    assert normalised[:, 1].unique().tolist() == [-2]


def test_shift_moves_whole_images_within_an_eighth_of_the_side():
    images = torch.zeros(500, 2, 16, 8)  # reach: two rows, one column
    images[:, :, 8, 4] = torch.tensor([5.0, 7.0])
    shifted = random_shift(images, seeded())
    assert shifted.shape == images.shape
    found = [(row, column) for _, channel, row, column in shifted.nonzero().tolist() if channel]
    assert len(found) == 500
    assert set(found) == {(row, column) for row in range(6, 11) for column in range(3, 6)}
    assert set(shifted.unique().tolist()) == {0, 5, 7}


def test_shift_brings_in_zeros():
    images = torch.full((200, 1, 8, 8), 9, dtype=torch.uint8)
    shifted = random_shift(images, seeded())
    assert shifted.dtype == torch.uint8
    # of a shift by (1, 0) one row of 8 is new; by (1, 1) a row and a column, 15 pixels
    assert set((shifted == 0).sum(dim=(1, 2, 3)).tolist()) == {0, 8, 15}


def test_series_are_shifted_in_a_circle():
    # A series of 16 reaches 2 samples; 128, as its silence, is never 0 where it goes on.
    series = torch.arange(128, 144, dtype=torch.uint8).expand(200, 2, 1, 16)
    shifted = random_shift(series, seeded())
    assert shifted.dtype == torch.uint8
    assert {tuple(one) for one in shifted[:, 0, 0].tolist()} == {
        tuple(torch.arange(128, 144).roll(step).tolist()) for step in range(-2, 3)
    }
    assert torch.equal(shifted[:, 0], shifted[:, 1])


def test_images_below_eight_pixels_stay():
    images = torch.rand(10, 1, 7, 7)
    assert torch.equal(random_shift(images, seeded()), images)


def test_a_seed_decides_the_shifts():
    images = torch.rand(50, 1, 8, 8)
    first, second, other = (random_shift(images, seeded(seed)) for seed in (1, 1, 2))
    assert torch.equal(first, second)
    assert not torch.equal(first, other)


def test_mirror_swaps_left_and_right_in_half_of_the_images():
    images = torch.arange(6, dtype=torch.uint8).view(1, 1, 2, 3).repeat(1000, 2, 1, 1)
    mirrored = random_mirror(images, seeded())
    assert mirrored.dtype == torch.uint8
    as_they_were = (mirrored == images).all(dim=(1, 2, 3))
    other = torch.tensor([[2, 1, 0], [5, 4, 3]], dtype=torch.uint8)
    assert (mirrored[~as_they_were] == other).all()
    # 1,000 throws of a coin: within 5 standard deviations of sqrt(1,000) / 2 = 16
    assert abs(as_they_were.sum().item() - 500) < 80


def test_a_seed_decides_the_mirrors():
    images = torch.rand(50, 1, 8, 8)
    first, second, other = (random_mirror(images, seeded(seed)) for seed in (1, 1, 2))
    assert torch.equal(first, second)
    assert not torch.equal(first, other)


@pytest.mark.parametrize("name", get_args(Augmentation))
def test_every_augmentation_changes_images_as_its_seed_says(name):
    images = torch.randint(256, (50, 3, 16, 8), dtype=torch.uint8)
    first, again, other = (augment(images, (name,), seeded(seed)) for seed in (1, 1, 2))
    assert (first.shape, first.dtype) == (images.shape, images.dtype)
    assert torch.equal(first, again)
    assert not torch.equal(first, other)
    assert not torch.equal(first, images)


@pytest.mark.parametrize("kind", [torch.uint8, torch.float32])
def test_augmentations_follow_each_other_in_the_order_of_their_names(kind):
    images = torch.randint(256, (50, 3, 16, 8)).to(kind)
    generator = seeded()
    shifted = random_shift(images, generator)
    assert torch.equal(
        augment(images, ("shift", "mirror"), seeded()), random_mirror(shifted, generator)
    )
    assert torch.equal(augment(images, ("shift",), seeded()), shifted)
    assert torch.equal(augment(images, (), seeded()), images)


@pytest.mark.parametrize(
    ("count", "size", "sizes"),
    [
        (10, 4, [4, 3, 3]),  # 3 batches of 10 / 3
        (9, 4, [3, 3, 3]),  # not 4, 4, 1
        (8, 4, [4, 4]),
        (3, 100, [3]),
        (3, 1, [1, 1, 1]),
        (5, 2, [3, 2]),  # not 2, 2, 1
        (1, 2, [1]),
    ],
)
def test_batches_are_of_nearly_one_size(count, size, sizes):
    batches = Batches(numbered(count), size, CPU)
    assert len(batches) == len(sizes)
    assert [len(labels) for _, labels in batches.in_order()] == sizes
    assert [len(labels) for _, labels in batches.shuffled(seeded())] == sizes


def test_a_pass_brings_each_image_once_with_its_label():
    batches = Batches(numbered(50), 8, CPU)
    drawn = [(pixels.ravel(), labels) for pixels, labels in batches.shuffled(seeded())]
    assert all(torch.equal(pixels.long(), labels) for pixels, labels in drawn)
    order = torch.cat([labels for _, labels in drawn]).tolist()
    assert sorted(order) == list(range(50))
    assert order != sorted(order)


def test_every_pass_has_another_order():
    batches, generator = Batches(numbered(50), 50, CPU), seeded()
    (_, first), (_, second) = (*batches.shuffled(generator), *batches.shuffled(generator))
    assert not torch.equal(first, second)


def test_stored_order():
    pixels = torch.cat([pixels for pixels, _ in Batches(numbered(9), 4, CPU).in_order()])
    assert pixels.ravel().tolist() == list(range(9))
