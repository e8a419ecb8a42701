import itertools
import math

import pytest
import torch

from secateur.errors import SpecError, StageError
from secateur.models import families
from secateur.records import Recipe
from secateur.spaces import LOSSES, OPTIMIZERS, SCHEDULES
from secateur.training.evaluation import score
from secateur.training.losses import Distillation
from secateur.training.modes import freeze_all_but
from secateur.training.supervised import train


def weights(network):
    return torch.cat([value.double().flatten() for value in network.state_dict().values()])


def trained(network, data, **recipe):
    metrics = list(train(network, data.development, Recipe(**recipe)))
    return weights(network), metrics


def test_lenet_learns_digits(digits, network_for):
    lenet = network_for(digits, "lenet", width=2.0)
    _, metrics = trained(lenet, digits, epochs=10, learning_rate=5e-3)
    assert metrics[-1].validation_accuracy > 0.95
    assert score(lenet, digits.test, digits.mean, digits.std).accuracy > 0.95


def test_resnet_learns_digits(digits, network_for):
    resnet = network_for(digits, "resnet", depth=1, width=8)
    _, metrics = trained(resnet, digits, epochs=4, learning_rate=1e-2)
    assert metrics[-1].validation_accuracy > 0.95


@pytest.mark.parametrize("name", sorted(families()))
def test_every_family_trains(bars, network_for, small, name):
    network = network_for(bars, name, **small[name])
    _, metrics = trained(network, bars, epochs=15, batch_size=5, learning_rate=1e-2)
    assert metrics[-1].validation_accuracy == 1
    assert metrics[-1].train_loss < metrics[0].train_loss


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_every_optimizer_trains(bars, network_for, name):
    network = network_for(bars, width=16, depth=1)
    recipe = {"epochs": 8, "batch_size": 5, "learning_rate": 0.02, "optimizer": name}
    _, metrics = trained(network, bars, **recipe)
    assert metrics[-1].train_loss < metrics[0].train_loss


@pytest.mark.parametrize("name", LOSSES["classification"])
def test_every_loss_trains(bars, network_for, name):
    network = network_for(bars, width=16, depth=1)
    _, metrics = trained(network, bars, epochs=10, batch_size=5, learning_rate=0.02, loss=name)
    assert metrics[-1].train_loss < metrics[0].train_loss
    assert metrics[-1].validation_accuracy == 1


@pytest.mark.parametrize("name", SCHEDULES)
def test_every_schedule_trains(bars, network_for, name):
    network = network_for(bars, width=16, depth=1)
    recipe = {"epochs": 8, "batch_size": 5, "learning_rate": 0.02, "schedule": name}
    _, metrics = trained(network, bars, **recipe)
    assert metrics[-1].train_loss < metrics[0].train_loss


@pytest.mark.parametrize("precision", ["float32", "bfloat16"])
def test_both_precisions_train_and_repeat(bars, network_for, precision):
    recipe = {"epochs": 4, "batch_size": 5, "precision": precision}
    (first, metrics), (second, _) = (
        trained(network_for(bars, "lenet"), bars, **recipe) for _ in range(2)
    )
    assert metrics[-1].validation_accuracy == 1
    assert torch.equal(first, second)


def test_what_is_frozen_stays_as_it_is_with_its_statistics(bars, network_for):
    network = network_for(bars, "resnet", depth=1, width=8)
    freeze_all_but(network, 1)
    before = {name: value.clone() for name, value in network.state_dict().items()}
    trained(network, bars, epochs=1, batch_size=5)
    changed = {name for name, value in network.state_dict().items()
               if not torch.equal(value, before[name])}  # fmt: skip
    assert changed == {"output.weight", "output.bias"}


def test_epochs_count_from_one_and_are_scored_on_the_validation_split(bars, network_for):
    network = network_for(bars)
    development = bars.development
    seen = []
    for metrics in train(network, development, Recipe(epochs=3)):
        seen.append(metrics.epoch)
        again = score(network, development.validation, development.mean, development.std)
        assert (metrics.validation_loss, metrics.validation_accuracy) == again
        assert not network.training
    assert seen == [1, 2, 3]
    assert (metrics.last, metrics.kept) == (True, None)


def test_train_loss_is_the_mean_over_images(bars, network_for):
    # At a rate of almost nothing the first epoch measures the initial network. Batches
    # of 7, 7 and 6 images weigh by their size.
    network = network_for(bars)
    before = score(network, bars.train, bars.mean, bars.std).loss
    _, (metrics,) = trained(network, bars, epochs=1, batch_size=7, learning_rate=1e-12)
    assert metrics.train_loss == pytest.approx(before, rel=1e-5)


@pytest.mark.parametrize("augment", [(), ("shift",), ("shift", "mirror")])
def test_same_seed_same_weights(bars, network_for, augment):
    recipe = {"epochs": 2, "batch_size": 5, "augment": augment}
    networks = [network_for(bars, dropout=0.3) for _ in range(3)]
    first, _ = trained(networks[0], bars, **recipe, seed=1)
    torch.rand(17)  # what others draw meanwhile changes nothing
    second, _ = trained(networks[1], bars, **recipe, seed=1)
    other, _ = trained(networks[2], bars, **recipe, seed=2)
    assert torch.equal(first, second)
    assert not torch.equal(first, other)


def test_two_trainings_in_turns_do_not_disturb_each_other(bars, network_for):
    alone = network_for(bars, dropout=0.3)
    expected, _ = trained(alone, bars, epochs=3, batch_size=5)
    one, two = network_for(bars, dropout=0.3), network_for(bars, dropout=0.3, seed=1)
    recipe = Recipe(epochs=3, batch_size=5)
    for _ in zip(
        train(one, bars.development, recipe), train(two, bars.development, recipe), strict=True
    ):
        pass
    assert torch.equal(weights(one), expected)


def test_the_global_random_state_is_left_alone(bars, network_for):
    before = torch.get_rng_state()
    trained(network_for(bars, dropout=0.3), bars, epochs=1, augment=True)
    assert torch.equal(torch.get_rng_state(), before)


def test_nothing_is_trained_until_asked_and_nothing_after_the_last_question(bars, network_for):
    network = network_for(bars)
    initial = weights(network)
    epochs = train(network, bars.development, Recipe(epochs=5))
    assert torch.equal(weights(network), initial)
    list(itertools.islice(epochs, 2))
    after_two = weights(network)
    epochs.close()
    assert not torch.equal(after_two, initial)
    assert torch.equal(weights(network), after_two)


def test_the_peak_rate_is_the_recipes(bars, network_for):
    # One batch in one epoch is one step, at the full rate: plain descent moves each
    # weight by the rate times its gradient, so ten times the rate moves it ten times as far.
    moves = []
    for rate in (0.01, 0.1):
        network = network_for(bars)
        initial = weights(network)
        final, _ = trained(
            network, bars, epochs=1, batch_size=20, learning_rate=rate, optimizer="sgd"
        )
        moves.append((final - initial).norm().item())
    assert moves[1] == pytest.approx(10 * moves[0], rel=1e-3)


def test_augmentation_changes_what_is_learned(bars, network_for):
    plain, shifted, mirrored = (
        trained(network_for(bars), bars, epochs=1, augment=augment)[0]
        for augment in ((), ("shift",), ("mirror",))
    )
    assert not torch.equal(plain, shifted)
    assert not torch.equal(plain, mirrored)
    assert not torch.equal(shifted, mirrored)


def test_label_smoothing_reaches_the_loss(bars, network_for):
    # No answer can be surer than 0.9: the loss stays above -0.9·ln 0.9 - 0.1·ln 0.1 = 0.325
    recipe = {"epochs": 20, "batch_size": 5, "label_smoothing": 0.2}
    _, metrics = trained(network_for(bars), bars, **recipe)
    assert metrics[-1].train_loss > 0.325


def test_a_student_learns_from_its_teacher_alone(bars, network_for):
    teacher = network_for(bars)
    trained(teacher, bars, epochs=15, batch_size=5)
    student = network_for(bars, seed=1, width=8, depth=1)
    recipe = Recipe(epochs=30, batch_size=5, learning_rate=5e-3)
    objective = Distillation(teacher, weight=1.0, temperature=4.0)
    before = weights(teacher)
    metrics = list(train(student, bars.development, recipe, objective=objective))
    assert metrics[-1].validation_accuracy == 1
    assert torch.equal(weights(teacher), before)


def test_divergence_names_the_epoch_the_loss_and_the_rate(bars, network_for):
    recipe = Recipe(epochs=9, batch_size=1, learning_rate=1e12, optimizer="sgd")
    with pytest.raises(StageError) as diverged:
        list(train(network_for(bars), bars.development, recipe))
    message = str(diverged.value)
    assert message.startswith("epoch ")
    assert "loss is nan" in message or "loss is inf" in message
    assert "below 1e+12" in message


def test_a_validation_loss_that_is_not_finite(bars, network_for):
    network = network_for(bars)
    with pytest.raises(StageError, match="epoch 1: validation loss is nan"):
        # A perfect loss in training, while the weights are spoilt behind its back.
        list(train(network, bars.development, Recipe(epochs=1), objective=Spoiling(network)))


class Spoiling:
    def __init__(self, network):
        self.network = network

    def __call__(self, logits, images, labels):
        with torch.no_grad():
            next(self.network.parameters()).fill_(math.nan)
        return torch.zeros((), requires_grad=True)


def test_an_unknown_optimizer(bars, network_for):
    with pytest.raises(SpecError, match="optimizer: 'adma'"):
        next(train(network_for(bars), bars.development, Recipe(optimizer="adma")))
