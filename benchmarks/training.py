"""Images a second in training: Sécateur's loop against a plain PyTorch loop with a DataLoader.

    python -m benchmarks.training --data mnist --rounds 5

Same network, images, batches, optimizer, schedule, random shifts and number of threads; both
score the validation split after each epoch. The plain loop is what torchvision's tutorials show:
a data set that hands out a picture at a time, ``transforms`` and a ``DataLoader``, with each
number of worker processes that is asked for; the fastest of them counts. The loops take turns,
round by round, and a round's ratio is between runs that lie side by side. The first epoch of each
run, which pays for starting, is left out. Rounds in the result file are kept where settings are
equal.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

# Threads that spin while they wait would take the other loop's workers their processor.
os.environ.setdefault("OMP_WAIT_POLICY", "passive")

import torch
from PIL import Image
from torch import nn
from torch.nn import functional as F
from torch.utils.data import DataLoader, Dataset
from torchvision import transforms

from benchmarks.page import RESULTS, write
from benchmarks.rounds import begun
from secateur.data import Development, Images, load
from secateur.models import build
from secateur.records import Architecture, Recipe
from secateur.spec import DigitsData, MNISTData
from secateur.training.supervised import train

DATA = {"digits": DigitsData, "mnist": MNISTData}
BATCH, RATE = 64, 0.001
Round = dict[str, Any]


class Pictures(Dataset[tuple[torch.Tensor, int]]):
    """A split as torchvision's data sets hand it out: a picture at a time, then transformed."""

    def __init__(self, images: Images, transform: transforms.Compose) -> None:
        self.images, self.transform = images, transform

    def __len__(self) -> int:
        return len(self.images)

    def __getitem__(self, index: int) -> tuple[torch.Tensor, int]:
        picture = Image.fromarray(self.images.pixels[index, 0], mode="L")
        return self.transform(picture), int(self.images.labels[index])


def ours(data: Development, network: nn.Module, recipe: Recipe) -> Iterator[float]:
    """Seconds of each epoch of Sécateur's loop."""
    began = time.perf_counter()
    for metrics in train(network, data, recipe):
        assert metrics.validation_accuracy > 0
        now = time.perf_counter()
        yield now - began
        began = now


def plain(data: Development, network: nn.Module, recipe: Recipe, workers: int) -> Iterator[float]:
    """Seconds of each epoch of the plain loop."""
    _, height, width = data.input_shape
    as_tensor = [transforms.ToTensor(), transforms.Normalize(data.mean, data.std)]
    crop = transforms.RandomCrop((height, width), padding=(width // 8, height // 8))
    options: dict[str, Any] = {"num_workers": workers, "persistent_workers": workers > 0}
    learn = Pictures(data.train, transforms.Compose([crop, *as_tensor]))
    judge = Pictures(data.validation, transforms.Compose(as_tensor))
    loader = DataLoader(learn, recipe.batch_size, shuffle=True, **options)
    held_out = DataLoader(judge, 256, **options)
    optimizer = torch.optim.Adam(network.parameters(), recipe.learning_rate)
    steps = recipe.epochs * len(loader)
    schedule = torch.optim.lr_scheduler.OneCycleLR(
        optimizer, recipe.learning_rate, steps, pct_start=0.1, cycle_momentum=False
    )
    for _ in range(recipe.epochs):
        began = time.perf_counter()
        network.train()
        for images, labels in loader:
            optimizer.zero_grad()
            F.cross_entropy(network(images), labels).backward()
            optimizer.step()
            schedule.step()
        network.eval()
        with torch.inference_mode():
            right = sum(
                int((network(images).argmax(dim=1) == labels).sum()) for images, labels in held_out
            )
        assert right > 0
        yield time.perf_counter() - began


def compare(data: Development, epochs: int, workers: list[int], seed: int) -> Round:
    """One round: each loop alone, one after the other; images a second."""
    recipe = Recipe(
        batch_size=BATCH, learning_rate=RATE, epochs=1 + epochs, augment=("shift",), seed=seed
    )
    asked = Architecture(name="lenet", input_shape=data.input_shape, classes=len(data.labels))

    def rate(seconds: Iterator[float]) -> float:
        _, *rest = seconds
        return len(data.train) * len(rest) / sum(rest)

    found = {"secateur": rate(ours(data, build(asked, seed), recipe))}
    for count in workers:
        found[f"plain, {count} workers"] = rate(plain(data, build(asked, seed), recipe, count))
    best = max(value for name, value in found.items() if name != "secateur")
    return {"rates": found, "ratio": found["secateur"] / best}


def run(name: str, arguments: argparse.Namespace) -> None:
    """Measure one data set, going on from its file where that is of the same settings."""
    file = arguments.results / f"{name}.json"
    kept = ("epochs", "threads", "workers", "limit")
    settings = {key: getattr(arguments, key) for key in kept} | {"batch": BATCH}
    found = begun(file, settings, restart=arguments.restart)
    data = load(DATA[name](limit=arguments.limit), seed=0).development
    torch.set_num_threads(arguments.threads)
    while len(found["rounds"]) < arguments.rounds:
        turn = compare(data, arguments.epochs, arguments.workers, seed=len(found["rounds"]))
        found["rounds"].append(turn)
        write(file, found)
        rates = ", ".join(f"{key} {value:.0f}" for key, value in turn["rates"].items())
        print(f"{name}: {rates} images a second, {turn['ratio']:.2f} times", file=sys.stderr)


def main() -> None:
    parser = argparse.ArgumentParser(description="Training speed against a plain PyTorch loop.")
    parser.add_argument("--data", choices=sorted(DATA), action="append")
    parser.add_argument("--epochs", type=int, default=3, help="timed, after one that is not")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--threads", type=int, default=1, help="of each loop, as a trial has")
    parser.add_argument("--workers", type=int, nargs="+", default=[0, 1, 2])
    parser.add_argument("--limit", type=int, help="most training images")
    parser.add_argument("--results", type=Path, default=RESULTS / "training")
    parser.add_argument("--restart", action="store_true", help="discard what the files hold")
    arguments = parser.parse_args()
    for name in arguments.data or sorted(DATA):
        run(name, arguments)


if __name__ == "__main__":
    main()
