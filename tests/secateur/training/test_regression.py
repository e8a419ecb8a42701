"""A network that adds, from its data to its served graph."""

import numpy as np
import pytest
import torch

from secateur import artifacts
from secateur.data import load
from secateur.models import build
from secateur.records import Architecture, Recipe
from secateur.spec import ArithmeticData, FinetuneSpec
from secateur.training.evaluation import score
from secateur.training.recovery import finetune
from secateur.training.supervised import train
from serving.opening import open_network

CALCULATOR = Architecture(
    name="mlp", arguments={"depth": 3, "width": 16}, input_shape=(1, 1, 2), classes=1
)


@pytest.fixture(scope="module")
def sums():
    return load(ArithmeticData(pairs=2000, low=0, high=100), seed=0)


@pytest.fixture(scope="module")
def calculator(sums):
    network = build(CALCULATOR, seed=0)
    recipe = Recipe(optimizer="adam", learning_rate=0.01, epochs=12, patience=6)
    metrics = list(train(network, sums.development, recipe))
    return network, metrics


def test_the_published_network_has_609_parameters():
    # 2·16 + 16, twice 16·16 + 16, 16 + 1
    assert sum(value.numel() for value in build(CALCULATOR, seed=0).parameters()) == 609


def test_it_learns_to_add(sums, calculator):
    network, metrics = calculator
    assert metrics[-1].validation_accuracy > 0.99
    tested = score(network, sums.test, sums.mean, sums.std, sums.task)
    assert tested.accuracy > 0.99


@pytest.mark.parametrize("loss", ["mae", "rmse"])
def test_other_losses_teach_it_too(sums, loss):
    network = build(CALCULATOR, seed=0)
    recipe = Recipe(optimizer="adam", learning_rate=0.01, epochs=5, loss=loss)
    *_, last = train(network, sums.development, recipe)
    assert last.validation_accuracy > 0.9


def test_it_can_learn_from_a_teacher(sums, calculator):
    teacher, _ = calculator
    student = build(CALCULATOR, seed=1)
    recipe = Recipe(optimizer="adam", learning_rate=0.01)
    spec = FinetuneSpec(epochs=5, distillation=1.0, learning_rate_factor=1.0)
    *_, last = finetune(student, teacher, sums.development, recipe, spec)
    assert last.validation_accuracy > 0.9


def test_the_served_graph_takes_numbers_and_says_their_sum(sums, calculator, tmp_path):
    network, _ = calculator
    artifacts.save(tmp_path, network, artifacts.describe(CALCULATOR, sums.development))
    served = open_network(tmp_path)
    assert (served.task, served.output_name, served.output_shape) == ("regression", "values", (1,))
    answers = served.run(sums.test.pixels)
    again, content = artifacts.load(tmp_path)
    assert content.scale == 200
    with torch.inference_mode():
        pixels = torch.from_numpy(sums.test.pixels) / 100
        expected = 200 * again(pixels).numpy()
    np.testing.assert_allclose(answers, expected, rtol=1e-4, atol=1e-3)
    figures = sums.task.figures(answers, sums.test.labels)
    assert figures["mae"] < 5
