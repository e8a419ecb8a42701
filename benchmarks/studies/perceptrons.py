"""Multilayer perceptrons: a calculator of two numbers, and digits."""

from __future__ import annotations

import torch
from sklearn.metrics import precision_recall_fscore_support
from torch import nn

from benchmarks.studies.grids import digits, rows
from benchmarks.studies.study import ACCURACY, Figures, Metric, Study, Table
from secateur.data import Dataset
from secateur.training.evaluation import logits, predict

_SHOWN = ((50.0, 50.0), (6.0, 6.0))
_MSE, _MAE = Metric("mse", "MSE", 1, 3), Metric("mae", "MAE", 1, 3)
_R2 = Metric("accuracy", "R²", 1, 5)
_PAIRS = tuple(
    Metric(f"{left:g},{right:g}", f"{left:g} and {right:g}", 1, 2) for left, right in _SHOWN
)
_WEIGHTED = tuple(
    Metric(name, f"{name.capitalize()}, %", 100, 2) for name in ("precision", "recall", "F1")
)


def values(network: nn.Module, content: Dataset) -> Figures:
    """MSE, MAE and R² on the test pairs, and the answers to two pairs."""
    head = content.task.head()
    answers = head(logits(network, content.test, content.mean, content.std))
    found = dict(content.task.figures(answers.numpy(), content.test.labels))
    for pair, metric in zip(_SHOWN, _PAIRS, strict=True):
        inputs = torch.tensor(pair).reshape(1, 1, 1, 2) / content.std[0]
        with torch.inference_mode():
            found[metric.key] = head(network(inputs)).item()
    return found


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


CALCULATOR = Study(
    "calculator",
    "A perceptron that calculates",
    "10,000 pairs of whole numbers from 0 to 100, 80 % to train on; three hidden layers of 16 "
    "ReLUs, 609 parameters; gradient descent at 0.1, batches of 64, 10 epochs, squared error; "
    "inputs divided by 100, the result by the largest that there can be.",
    (
        Table(
            "sum",
            "The sum",
            (_MSE, _MAE, _R2, *_PAIRS),
            rows(
                "calculator-sum",
                values,
                {
                    "calculator-sum": {
                        "mse": 1.6901,
                        "mae": 1.0354,
                        "accuracy": 0.9990,
                        "50,50": 100.02,
                        "6,6": 11.89,
                    }
                },
            ),
            "",
            "secateur run calculator-sum",
        ),
        Table(
            "product",
            "The product",
            (_MSE, _MAE, _R2, *_PAIRS),
            rows("calculator-product", values, {}),
            "The source multiplies too, and prints no figures. Errors are in the unit of the "
            "products, which go up to 10,000.",
            "secateur run calculator-product",
        ),
    ),
)

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
                "mnist-mlp",
                report,
                {"mnist-mlp": {"accuracy": 96, "precision": 96, "recall": 96, "F1": 96}},
            ),
            "A job of this preset also leaves a confusion matrix and pictures, and publishes the "
            "network: `secateur serve`, then `secateur predict --model mnist-mlp FILE...` reads "
            "your own images.",
            "secateur run mnist-mlp",
        ),
    ),
)
