import pytest

from secateur.records import Scalar

SMALL: dict[str, dict[str, Scalar]] = {
    "perceptron": {},
    "mlp": {"width": 32},
    "lenet": {},
    "lenet-variant": {"layout": "one-convolution"},
    "alexnet": {"width": 0.125},
    "vgg": {"depth": 11, "width": 0.125},
    "googlenet": {"width": 0.125},
    "inception": {"width": 0.125},
    "resnet": {"depth": 1, "width": 8},
    "resnet-imagenet": {"depth": 18, "width": 0.125},
    "densenet": {"depth": 40, "width": 0.5},
    "efficientnet": {"depth": 0.3, "width": 0.25},
    "cnn1d": {"width": 8, "depth": 3},
}


@pytest.fixture(scope="session")
def small() -> dict[str, dict[str, Scalar]]:
    """Arguments that make a cheap network of each family."""
    return SMALL
