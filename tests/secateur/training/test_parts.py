import math

import numpy as np
import pytest
import torch
from torch import nn

from secateur.data import Images
from secateur.errors import SpecError
from secateur.records import Recipe
from secateur.spaces import OPTIMIZERS
from secateur.training import optimizers
from secateur.training.augment import random_shift
from secateur.training.batches import Batches
from secateur.training.losses import CrossEntropy, Distillation
from secateur.training.preprocess import Normalize, to_float
from secateur.training.schedules import one_cycle

CPU = torch.device("cpu")


def seeded(seed=0):
    return torch.Generator().manual_seed(seed)


def numbered(count):
    """Images of one pixel, which is their number and their label."""
    numbers = np.arange(count)
    return Images(numbers.astype(np.uint8)[:, None, None, None], numbers.astype(np.int64))


# Preprocessing


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


# Augmentation


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


def test_images_below_eight_pixels_stay():
    images = torch.rand(10, 1, 7, 7)
    assert torch.equal(random_shift(images, seeded()), images)


def test_a_seed_decides_the_shifts():
    images = torch.rand(50, 1, 8, 8)
    first, second, other = (random_shift(images, seeded(seed)) for seed in (1, 1, 2))
    assert torch.equal(first, second)
    assert not torch.equal(first, other)


# Batches


@pytest.mark.parametrize(
    ("count", "size", "sizes"),
    [
        (10, 4, [4, 3, 3]),  # 3 batches of 10 / 3
        (9, 4, [3, 3, 3]),  # not 4, 4, 1
        (8, 4, [4, 4]),
        (3, 100, [3]),
        (3, 1, [1, 1, 1]),
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


# Optimizers


def test_every_optimizer_of_a_recipe_is_registered():
    assert optimizers.optimizers() == OPTIMIZERS


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_every_optimizer_takes_the_recipes_values_and_lowers_a_square(name):
    value = nn.Parameter(torch.tensor([3.0, -2.0]))
    recipe = Recipe(optimizer=name, learning_rate=0.01, weight_decay=0.001)
    optimizer = optimizers.build([value], recipe)
    (group,) = optimizer.param_groups
    assert (group["lr"], group["weight_decay"]) == (0.01, 0.001)
    before = value.square().sum().item()
    for _ in range(5):
        optimizer.zero_grad()
        value.square().sum().backward()
        optimizer.step()
    assert value.square().sum().item() < before


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        # Gradient 2 and rate 0.1 from 1; two steps with a gradient that stays 2.
        ("sgd", 1 - 0.2 - 0.2),
        ("momentum", 1 - 0.2 - 0.1 * (0.9 * 2 + 2)),  # velocity 2, then 3.8
        ("nesterov", 1 - 0.1 * (2 + 0.9 * 2) - 0.1 * (2 + 0.9 * 3.8)),
        ("adagrad", 1 - 0.1 * 2 / 2 - 0.1 * 2 / math.sqrt(8)),  # sums of squares 4, 8
        # averages of squares 0.04, then 0.99·0.04 + 0.04 = 0.0796
        ("rmsprop", 1 - 0.1 * 2 / 0.2 - 0.1 * 2 / math.sqrt(0.0796)),
        ("adam", 1 - 0.1 - 0.1),  # mean over root of mean square, 2 / 2
        ("adamw", 1 - 0.1 - 0.1),
    ],
)
def test_two_steps_by_hand(name, expected):
    value = nn.Parameter(torch.tensor([1.0]))
    optimizer = optimizers.build([value], Recipe(optimizer=name, learning_rate=0.1))
    for _ in range(2):
        value.grad = torch.tensor([2.0])
        optimizer.step()
    assert value.item() == pytest.approx(expected, abs=1e-5)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("sgd", 1 - 0.1 * (2 + 0.5)),  # the decay is part of the gradient
        ("adam", 1 - 0.1),  # which Adam divides out
        ("adamw", 1 - 0.1 * 0.5 - 0.1),  # decoupled: the weight itself shrinks
    ],
)
def test_weight_decay_by_hand(name, expected):
    value = nn.Parameter(torch.tensor([1.0]))
    recipe = Recipe(optimizer=name, learning_rate=0.1, weight_decay=0.5)
    optimizer = optimizers.build([value], recipe)
    value.grad = torch.tensor([2.0])
    optimizer.step()
    assert value.item() == pytest.approx(expected, abs=1e-5)


def test_an_unknown_optimizer():
    with pytest.raises(SpecError, match=r"optimizer: 'adma' is not usable; expected 'adam'"):
        optimizers.build([nn.Parameter(torch.zeros(1))], Recipe(optimizer="adma"))


# Schedule


def test_one_cycle_by_hand():
    # One step of warm-up, then (1 + cos(π·k/4)) / 2 for k = 1, 2, 3
    rates = [one_cycle(step, 4) for step in range(4)]
    assert rates == pytest.approx([1, 0.853553, 0.5, 0.146447], abs=1e-6)


def test_one_cycle_rises_over_a_tenth_and_falls_to_almost_nothing():
    rates = [one_cycle(step, 100) for step in range(100)]
    assert rates[:10] == pytest.approx([0.1 * step for step in range(1, 11)])
    assert rates[9:] == sorted(rates[9:], reverse=True)
    assert 0 < rates[-1] < 0.001


def test_one_cycle_of_a_single_step():
    assert one_cycle(0, 1) == 1


# Losses


def test_cross_entropy_by_hand():
    # logits ln 3 and 0 are probabilities 3/4 and 1/4
    logits = torch.tensor([[math.log(3), 0.0], [math.log(3), 0.0]])
    loss = CrossEntropy()(logits, torch.empty(2), torch.tensor([0, 1]))
    assert loss.item() == pytest.approx((math.log(4 / 3) + math.log(4)) / 2)


def test_label_smoothing_by_hand():
    # the target (1, 0) becomes (0.9, 0.1)
    logits = torch.tensor([[math.log(3), 0.0]])
    loss = CrossEntropy(0.2)(logits, torch.empty(1), torch.tensor([0]))
    assert loss.item() == pytest.approx(0.9 * math.log(4 / 3) + 0.1 * math.log(4))


class Fixed(nn.Module):
    """Answers every image with the same logits."""

    def __init__(self, *logits):
        super().__init__()
        self.logits = nn.Parameter(torch.tensor(logits))

    def forward(self, images):
        return self.logits.expand(len(images), -1)


def test_distillation_by_hand():
    # At T = 2 the teacher's logits 2·ln 3, 0 are (3/4, 1/4), the student's 0, 0 are
    # (1/2, 1/2): KL = 3/4·ln(3/2) + 1/4·ln(1/2) = 0.304099 - 0.173287 = 0.130812.
    # The hard loss is ln 2. With w = 0.3: 0.7·0.693147 + 0.3·4·0.130812 = 0.642177.
    objective = Distillation(Fixed(2 * math.log(3), 0.0), weight=0.3, temperature=2.0)
    loss = objective(torch.zeros(5, 2), torch.zeros(5, 1), torch.zeros(5, dtype=torch.long))
    assert loss.item() == pytest.approx(0.642177, abs=1e-6)


def test_distillation_of_weight_zero_is_cross_entropy():
    logits, labels = torch.randn(4, 2), torch.tensor([0, 1, 1, 0])
    objective = Distillation(Fixed(1.0, 2.0), weight=0.0, temperature=4.0, label_smoothing=0.1)
    expected = CrossEntropy(0.1)(logits, torch.empty(4), labels)
    assert objective(logits, torch.zeros(4, 1), labels).item() == pytest.approx(expected.item())


def test_distillation_is_least_where_student_and_teacher_agree():
    logits = torch.tensor([[1.0, 2.0]], requires_grad=True)
    objective = Distillation(Fixed(1.0, 2.0), weight=1.0, temperature=3.0)
    loss = objective(logits, torch.zeros(1, 1), torch.tensor([0]))
    loss.backward()
    assert loss.item() == pytest.approx(0, abs=1e-7)
    assert logits.grad.abs().max().item() == pytest.approx(0, abs=1e-7)


def test_the_teacher_is_in_evaluation_mode_and_gets_no_gradient():
    teacher = Fixed(1.0, 2.0).train()
    objective = Distillation(teacher, weight=0.5, temperature=2.0)
    logits = torch.zeros(1, 2, requires_grad=True)
    objective(logits, torch.zeros(1, 1), torch.tensor([0])).backward()
    assert not teacher.training
    assert teacher.logits.grad is None
    assert logits.grad is not None
