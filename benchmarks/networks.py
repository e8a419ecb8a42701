"""Networks of CIFAR's size, trained in a minute on real images that need no download."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch
import torchvision
from numpy.typing import NDArray
from safetensors.torch import load_file, save_file
from torch import nn

from benchmarks.parents import fast_precision
from secateur.compression.execution import Execution
from secateur.data import Development, Images, load
from secateur.data.dataset import channel_statistics
from secateur.models.registry import build
from secateur.records import Architecture, Recipe
from secateur.spec import DigitsData
from secateur.training.supervised import train

SHAPE = (3, 32, 32)
CLASSES = 10
RECIPE = Recipe(optimizer="adam", learning_rate=2e-3, batch_size=64, epochs=6, augment=True)


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


def development(images: int) -> Development:
    """scikit-learn's digits, enlarged to 3x32x32.

    Args:
        images: in the validation split, for rewards; some 1,400 are there in all.
    """
    found = load(DigitsData(validation=0.1), seed=0)
    splits = (found.train, found.validation)
    pixels = _enlarged(np.concatenate([split.pixels for split in splits]))
    labels = np.concatenate([split.labels for split in splits])
    order = np.random.default_rng(0).permutation(len(labels))
    whole = Images(pixels[order], labels[order])
    chosen, train_split = whole.take(slice(images)), whole.take(slice(images, None))
    mean, std = channel_statistics(train_split.pixels)
    return Development(found.labels, train_split, chosen, mean, std)


def trained(name: str, data: Development, folder: Path) -> nn.Module:
    """One of ``NETWORKS``, in evaluation mode, trained where ``folder`` has no weights of it."""
    network, file = NETWORKS[name](), folder / f"{name}.safetensors"
    if not file.exists():
        Execution(channels_last=True).place(network)
        with fast_precision():
            for _ in train(network, data, RECIPE):
                pass
        folder.mkdir(parents=True, exist_ok=True)
        save_file({key: value.contiguous() for key, value in network.state_dict().items()}, file)
    fresh = NETWORKS[name]()
    fresh.load_state_dict(load_file(file))
    return fresh.eval()


def _enlarged(pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """8x8 pixels of one channel, each four by four times in three channels."""
    large: NDArray[np.uint8] = pixels.repeat(4, axis=2).repeat(4, axis=3).repeat(3, axis=1)
    return large
