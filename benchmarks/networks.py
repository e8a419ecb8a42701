"""Networks and images for measuring speed alone: random weights, random pixels."""

from __future__ import annotations

import numpy as np
import torch
import torchvision
from torch import nn

from secateur.compression.recovery import recalibrate
from secateur.data import Development, Images
from secateur.models.registry import build
from secateur.records import Architecture

SHAPE = (3, 32, 32)
CLASSES = 10
_CALIBRATION = 128


def resnet20() -> nn.Module:
    """ResNet-20 of the CIFAR family (He et al. 2016)."""
    architecture = Architecture(
        name="resnet", arguments={"depth": 3, "width": 16}, input_shape=SHAPE, classes=CLASSES
    )
    return build(architecture, seed=0)


def vgg16() -> nn.Module:
    """VGG-16 with batch norm as it is used on CIFAR: one dense layer at the end."""
    with torch.random.fork_rng(devices=[]):
        torch.default_generator.manual_seed(0)
        network: nn.Module = torchvision.models.vgg16_bn(num_classes=CLASSES)
        network.avgpool, network.classifier = nn.Identity(), nn.Linear(512, CLASSES)
    return network


NETWORKS = {"resnet20": resnet20, "vgg16": vgg16}


def network(name: str) -> nn.Module:
    """One of ``NETWORKS``, in evaluation mode, its norms as on random images."""
    found = NETWORKS[name]().eval()
    recalibrate(found, [torch.randn(_CALIBRATION, *SHAPE, generator=torch.Generator())])
    return found


def development(images: int, calibration: int) -> Development:
    """Random pixels and classes.

    Args:
        images: in the validation split, for rewards.
        calibration: in the training split.
    """
    generator = np.random.default_rng(0)

    def split(count: int) -> Images:
        pixels = generator.integers(0, 256, (count, *SHAPE)).astype(np.uint8)
        return Images(pixels, generator.integers(0, CLASSES, count))

    names = tuple(str(number) for number in range(CLASSES))
    return Development(names, split(calibration), split(images), (0.5,) * 3, (0.29,) * 3)
