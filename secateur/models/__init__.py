"""The zoo: one file a family of networks, all built through ``build``."""

from secateur.models import (  # noqa: F401 - importing a family registers it
    alexnet,
    cnn1d,
    densenet,
    efficientnet,
    googlenet,
    inception,
    lenet,
    lenet_variants,
    mlp,
    perceptron,
    resnet,
    resnet_imagenet,
    vgg,
)
from secateur.models.registry import build, families

__all__ = ["build", "families"]
