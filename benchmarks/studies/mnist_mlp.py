"""A multilayer perceptron that reads digits: how well, what it confuses, and some that it read."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import matplotlib as mpl
import numpy as np
from numpy.typing import NDArray
from sklearn.metrics import confusion_matrix, precision_recall_fscore_support
from torch import nn

from benchmarks.page import PAGE
from benchmarks.studies.grids import digits, parts, rows
from benchmarks.studies.study import ACCURACY, Figures, Metric, Study, Table
from search.pictures.look import FAINT, LOOK, SMALL, canvas, note
from secateur.data import Dataset, Images
from secateur.training.evaluation import logits, predict

PICTURE = PAGE.parent / "pictures" / "read-by-mnist-mlp.png"

_PRESET = "mnist-mlp"
_DIGITS = tuple(str(digit) for digit in range(10))
_WEIGHTED = tuple(
    Metric(name, f"{name.capitalize()}, %", 100, 2) for name in ("precision", "recall", "F1")
)


def report(network: nn.Module, content: Dataset) -> Figures:
    """Accuracy, and precision, recall and F1 weighted by the size of the classes."""
    said = predict(network, content.test, content.mean, content.std)
    figures = precision_recall_fscore_support(
        content.test.labels, said, average="weighted", zero_division=0.0
    )
    weighted = {
        metric.key: float(value) for metric, value in zip(_WEIGHTED, figures[:3], strict=True)
    }
    return {**digits(network, content), **weighted}


def confusion(network: nn.Module, content: Dataset) -> Mapping[str, Figures]:
    """How often each digit was taken for which; draws some of them into ``PICTURE``."""
    chances = logits(network, content.test, content.mean, content.std).softmax(dim=1).cpu().numpy()
    draw(content.test, chances, PICTURE)
    counts = confusion_matrix(content.test.labels, chances.argmax(axis=1), labels=range(10))
    return {
        digit: dict(zip(_DIGITS, map(float, row), strict=True))
        for digit, row in zip(_DIGITS, counts, strict=True)
    }


def draw(images: Images, chances: NDArray[np.float32], file: Path) -> None:
    """The first image of each digit that was read right, and below it the first that was not.

    Args:
        images: of one channel, labelled by their digits.
        chances: (n, 10), probabilities of the digits.
        file: to write.
    """
    said, sure = chances.argmax(axis=1), chances.max(axis=1)
    with mpl.rc_context(LOOK):
        figure, grid = canvas("Digits, read right and wrong", 2.6, 2, len(_DIGITS))
        for axes in grid.flat:
            axes.set(xticks=[], yticks=[])
            axes.grid(visible=False)
            axes.spines[:].set(visible=False)
        for row, told, right in zip(grid, ("right", "wrong"), (True, False), strict=True):
            row[0].set_ylabel(told)
            for digit, axes in enumerate(row):
                found = np.flatnonzero((images.labels == digit) & ((said == digit) == right))
                if not len(found):
                    continue
                axes.imshow(images.pixels[found[0], 0], cmap="gray")
                axes.set_title(f"{said[found[0]]}, {sure[found[0]]:.0%}", fontsize=SMALL)
                axes.spines[:].set(visible=True, color=FAINT)
        note(figure, "above each what it was read as, and how surely; a column is a digit, from 0")
        figure.savefig(file)


MNIST_MLP = Study(
    "mnist-mlp",
    "A perceptron that reads digits",
    "MNIST; five hidden layers of 40 ReLUs; gradient descent at 0.01, batches of 32, 20 epochs, "
    "80 % of the 60,000 images to train on and 20 % to validate; judged on the 10,000 test "
    "images. Published: pixels scaled to [-1, 1]; ours: by mean and deviation.",
    (
        Table(
            "report",
            "Accuracy, precision, recall and F1, weighted by class",
            (ACCURACY, *_WEIGHTED),
            rows(
                _PRESET,
                report,
                {"mnist-mlp": {"accuracy": 96, "precision": 96, "recall": 96, "F1": 96}},
            ),
            "A job of this preset also leaves a confusion matrix and pictures, and publishes the "
            "network: `secateur serve`, then `secateur predict --model mnist-mlp FILE...` reads "
            "your own images, if they are light on dark as MNIST's are.",
            "secateur run mnist-mlp",
        ),
        Table(
            "confusion",
            "What is taken for what",
            tuple(Metric(digit, digit, 1, 1) for digit in _DIGITS),
            parts(_PRESET, confusion, _DIGITS),
            "Test images by their digit, in rows, and by what they were read as. Of the seed that "
            "was played last, the first of each digit that was read right and that was not:\n\n"
            f"![Digits, read right and wrong](../pictures/{PICTURE.name})",
        ),
    ),
)
