import pytest
from scipy.stats import spearmanr

from benchmarks.spoiling import LADDERS, MEASURES
from secateur.data import load
from secateur.records import Architecture, GenerativeRecipe
from secateur.spec import MNISTData
from secateur.training.generative import begin, sample, train


def judged_in_training(bench, content, steps, **networks):
    """What the judge says of a small DCGAN's images, a hundred steps each."""
    architecture = Architecture(
        name="dcgan",
        arguments={"width": 16, "critic_width": 16, **networks},
        input_shape=content.input_shape,
        classes=1,
    )
    recipe = GenerativeRecipe(learning_rate=2e-3, ema=0.98, steps=steps, interval=100)
    model = begin(architecture, recipe)
    pixels = content.train.tensors()[0]
    return [
        bench.judge(sample(model.generator, bench.judge.count, seed=0))
        for _ in train(model, pixels, recipe)
    ]


@pytest.mark.parametrize("measure", MEASURES)
def test_late_images_are_better_than_early_ones(digits_in_training, measure):
    values = [MEASURES[measure](found) for found in digits_in_training]
    assert values[0] > values[1] > values[-1]


def test_a_trained_generator_has_not_collapsed(digits_in_training):
    assert not digits_in_training[-1].collapsed, digits_in_training[-1].collapse


@pytest.fixture(scope="module")
def digits_in_training(bench, digits):
    return judged_in_training(bench, digits, steps=400, critic_normalization="none")


@pytest.fixture(scope="module")
def mnist():
    return load(MNISTData(validation=0.5), seed=0)


@pytest.fixture(scope="module")
def mnist_bench(mnist, bench_of):
    return bench_of(mnist.development, mnist.test, count=2000)


@pytest.mark.slow
@pytest.mark.parametrize("ladder", LADDERS)
def test_every_measure_follows_every_ladder_on_mnist(mnist_bench, ladder):
    judged = mnist_bench.judged(ladder).values()
    for measure in MEASURES.values():
        values = [measure(found) for found in judged]
        assert values == sorted(values)


@pytest.mark.slow
def test_every_measure_follows_a_training_on_mnist(mnist_bench, mnist):
    judged = judged_in_training(mnist_bench, mnist, steps=800)
    for measure in MEASURES.values():
        values = [measure(found) for found in judged]
        assert spearmanr(range(len(values)), values).statistic < -0.8
