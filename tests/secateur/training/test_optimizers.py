import math

import pytest
import torch
from torch import nn

from secateur.errors import SpecError
from secateur.records import Recipe
from secateur.spaces import OPTIMIZERS
from secateur.training import optimizers


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
