import itertools

import pytest
import torch
from torch import nn

from secateur.records import EpochMetrics, Recipe
from secateur.training.evaluation import score
from secateur.training.patience import Patience
from secateur.training.supervised import train


def watched(scores, patience, losses=None):
    """Trains a network of one weight, which is the epoch's number; what comes of each epoch."""
    network = nn.Linear(1, 1, bias=False)
    recipe = Recipe(epochs=len(scores), patience=patience)
    watch, handed = Patience(network, recipe), []
    for epoch, (accuracy, loss) in enumerate(
        zip(scores, losses or itertools.repeat(1.0), strict=False), 1
    ):
        nn.init.constant_(network.weight, epoch)
        metrics = watch.after(
            EpochMetrics(
                epoch=epoch,
                train_loss=0.1 * epoch,
                validation_loss=loss,
                validation_accuracy=accuracy,
            )
        )
        handed.append((metrics, network.weight.item()))
        if metrics.last:
            break
    return handed


def test_without_patience_the_last_epoch_is_the_recipes():
    handed = watched([0.9, 0.5, 0.4], patience=0)
    assert [metrics.last for metrics, _ in handed] == [False, False, True]
    assert [weight for _, weight in handed] == [1, 2, 3]
    assert handed[-1][0].validation_accuracy == 0.4


def test_training_ends_when_no_epoch_was_better_for_so_long():
    handed = watched([0.5, 0.8, 0.7, 0.6, 0.9], patience=2)
    assert [weight for _, weight in handed] == [1, 2, 3, 2]  # the weights of epoch 2 come back
    last, _ = handed[-1]
    assert (last.epoch, last.last, last.kept) == (4, True, 2)
    assert (last.validation_accuracy, last.train_loss) == (0.8, pytest.approx(0.4))


def test_the_best_epoch_is_kept_at_the_end_too():
    *_, (last, weight) = watched([0.5, 0.8, 0.7], patience=2)
    assert (last.epoch, last.kept, weight) == (3, 2, 2)


def test_the_last_epoch_may_be_the_best():
    *_, (last, weight) = watched([0.5, 0.7, 0.8], patience=2)
    assert (last.epoch, last.last, last.kept, weight) == (3, True, None, 3)


def test_of_equal_scores_the_lower_loss_is_better():
    *_, (last, _) = watched([0.5, 0.5, 0.5, 0.5], patience=2, losses=[3, 2, 2, 2])
    assert (last.epoch, last.kept) == (4, 2)


def test_the_network_holds_what_its_figures_say(bars, network_for):
    network = network_for(bars)
    recipe = Recipe(epochs=40, patience=3, batch_size=5, learning_rate=0.3, schedule="constant")
    *_, last = train(network, bars.development, recipe)
    assert last.last
    assert last.epoch < 40
    again = score(network, bars.validation, bars.mean, bars.std)
    assert (last.validation_loss, last.validation_accuracy) == again
    assert not any(torch.isnan(value).any() for value in network.state_dict().values())
