"""Trains the networks that the benchmarks prune, once, with the project's own training.

    python -m benchmarks.parents resnet20 --images ~/data/cifar10-jpeg
    SECATEUR_DATA=... python -m benchmarks.parents lenet

Models lie in ``$SECATEUR_HOME/parents/<name>`` or below ``--home``; one that is there is
kept.
"""

from __future__ import annotations

import argparse
import time
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import nn

from search.home import Home
from secateur import artifacts, data
from secateur.data import Dataset
from secateur.manifest import MANIFEST, Manifest
from secateur.models.registry import build
from secateur.records import Architecture, Recipe
from secateur.spec import ImageFolderData, MNISTData
from secateur.training.evaluation import score
from secateur.training.supervised import train

SEED = 0
VALIDATION = 0.1
"""Of 50,000 and 60,000 images: enough for rewards and for 4,000 images beside them."""


@dataclass(frozen=True)
class Parent:
    """A dense network to prune.

    Attributes:
        architecture: in the zoo, with its arguments.
        recipe: how it is trained.
        images: name of its data, as results quote it.
    """

    architecture: str
    arguments: dict[str, int | float]
    recipe: Recipe
    images: str


_CIFAR = Recipe(
    optimizer="momentum",
    learning_rate=0.1,
    weight_decay=5e-4,
    batch_size=128,
    epochs=10,
    augment=True,
)

PARENTS = {
    "resnet20": Parent("resnet", {"depth": 3, "width": 16}, _CIFAR, "cifar10-jpeg"),
    "lenet": Parent("lenet", {"width": 1.0}, Recipe(epochs=3), "mnist"),
}


def dataset(name: str, images: Path) -> Dataset:
    """Data of a parent; ``images`` is the folder of ``cifar10-jpeg``."""
    if PARENTS[name].images == "mnist":
        return data.load(MNISTData(validation=VALIDATION), SEED)
    return data.load(ImageFolderData(root=images, validation=VALIDATION), SEED)


def folder(home: Home, name: str) -> Path:
    """Where a parent lies."""
    return home.folder / "parents" / name


def load(home: Home, name: str) -> nn.Module:
    """A trained parent, in evaluation mode.

    Raises:
        ArtifactError: it has not been trained in this home.
    """
    return artifacts.load(folder(home, name))[0]


def make(home: Home, name: str, images: Path) -> None:
    """Train a parent and save it, where it is not there yet."""
    if (folder(home, name) / MANIFEST).exists():
        print(f"{name}: kept")
        return
    parent, found = PARENTS[name], dataset(name, images)
    architecture = Architecture(
        name=parent.architecture,
        arguments=dict(parent.arguments),
        input_shape=found.input_shape,
        classes=len(found.labels),
    )
    torch.manual_seed(SEED)
    network = build(architecture).to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    began = time.perf_counter()
    with fast_precision():
        for metrics in train(network, found.development, parent.recipe):
            print(
                f"{name}: epoch {metrics.epoch} validation {metrics.validation_accuracy:.4f} "
                f"after {time.perf_counter() - began:.0f} s",
                flush=True,
            )
    network = network.to(memory_format=torch.contiguous_format)  # type: ignore[call-overload]
    test = score(network, found.test, found.mean, found.std)
    print(f"{name}: test {test.accuracy:.4f} on {parent.images}")
    content = Manifest(
        architecture=architecture, labels=found.labels, mean=found.mean, std=found.std
    )
    artifacts.save(folder(home, name), network, content)


def fast_precision() -> AbstractContextManager[object]:
    """Autocast to bfloat16 where this processor multiplies it natively, else nothing."""
    native = torch.cpu._is_avx512_bf16_supported()
    # Autocast keeps the weights that it has cast until it is left, which is after training.
    return torch.autocast("cpu", torch.bfloat16, cache_enabled=False) if native else nullcontext()


def main() -> None:
    parser = argparse.ArgumentParser(description="Train the networks that benchmarks prune.")
    parser.add_argument("names", nargs="+", choices=sorted(PARENTS))
    parser.add_argument("--images", type=Path, default=Path("~/data/cifar10-jpeg").expanduser())
    parser.add_argument("--home", type=Path, default=Home.find().folder)
    parser.add_argument("--threads", type=int, default=1)
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)
    for name in arguments.names:
        make(Home(arguments.home.absolute()), name, arguments.images)


if __name__ == "__main__":
    main()
