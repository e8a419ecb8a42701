import pytest

from secateur.models import build
from secateur.records import Architecture
from secateur.training.modes import freeze_all_but, learning, train_mode

VGG = Architecture(
    name="vgg", arguments={"depth": 11, "width": 0.125}, input_shape=(3, 32, 32), classes=10
)


@pytest.mark.parametrize(
    # VGG-11 of width 1/8 has eight convolutions, the last of 64 channels, each with two
    # vectors of batch norm and a bias; the compact head is one dense layer.
    ("layers", "expected"),
    [
        (1, 64 * 10 + 10),
        (2, 64 * 10 + 10 + 64 * 64 * 9 + 3 * 64),
    ],
)
def test_the_last_layers_learn_with_their_normalisations(layers, expected):
    network = build(VGG, seed=0)
    freeze_all_but(network, layers)
    assert sum(parameter.numel() for parameter in learning(network)) == expected


def test_more_layers_than_there_are_is_all_of_it():
    network = build(VGG, seed=0)
    freeze_all_but(network, 1)
    freeze_all_but(network, 1000)
    assert all(parameter.requires_grad for parameter in network.parameters())


def test_what_is_frozen_is_in_evaluation_mode_when_the_rest_trains():
    network = build(VGG, seed=0)
    freeze_all_but(network, 2)
    train_mode(network)
    norms = [module for module in network.modules() if type(module).__name__ == "BatchNorm2d"]
    assert [norm.training for norm in norms] == [False] * 7 + [True]
