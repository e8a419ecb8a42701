"""One hidden layer, digits 0 against 1: plain gradient descent, written out."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cache, partial

import numpy as np
import torch
from torch import Tensor

from benchmarks.studies.study import Figures, Metric, Row, Study, Table
from secateur import data
from secateur.spec import MNISTData

_ACTIVATIONS: dict[str, Callable[[Tensor], Tensor]] = {
    "sigmoid": torch.sigmoid,
    "relu": torch.relu,
    "tanh": torch.tanh,
}
_TEST = 0.2


@dataclass(frozen=True)
class Setting:
    """How the network is built and trained; the defaults are the source's good setting.

    Attributes:
        hidden: units of the hidden layer.
        rate: of gradient descent on half the mean squared error.
        batch: images a step.
        steps: of gradient descent.
        weights: initial value of every weight and bias; absent: drawn from N(0, 0.1²).
        activation: of the hidden layer; the outputs are sigmoids.
        classes: digits told apart; two need one output.
    """

    hidden: int = 5
    rate: float = 0.1
    batch: int = 1
    steps: int = 1000
    weights: float | None = 0.0
    activation: str = "sigmoid"
    classes: int = 2


@dataclass(frozen=True)
class Split:
    """Pixels in [0, 1], shape (images, 784), and one-hot or single targets."""

    pixels: Tensor
    targets: Tensor


@cache
def images(classes: int) -> tuple[Tensor, Tensor]:
    """All 70,000 images that show a digit below ``classes``, and the digits."""
    found = data.load(MNISTData(), 0)
    parts = [found.development.train, found.development.validation, found.test]
    pixels = np.concatenate([part.pixels for part in parts])
    labels = np.concatenate([part.labels for part in parts])
    shown = labels < classes
    flat = torch.from_numpy(pixels[shown]).flatten(1).double() / 255
    return flat, torch.from_numpy(labels[shown])


def split(classes: int, seed: int) -> tuple[Split, Split]:
    """80 % to train on and 20 % to test on, by seed."""
    pixels, digits = images(classes)
    order = torch.randperm(len(digits), generator=torch.Generator().manual_seed(seed))
    targets = (
        digits[:, None].double()
        if classes == 2
        else torch.nn.functional.one_hot(digits, classes).double()
    )
    count = round(_TEST * len(digits))
    test, train = order[:count], order[count:]
    return Split(pixels[train], targets[train]), Split(pixels[test], targets[test])


def train(setting: Setting, shown: Split, seed: int) -> list[Tensor]:
    """Weights and biases of both layers after all steps."""
    generator = torch.Generator().manual_seed(seed)
    outputs = shown.targets.shape[1]
    shapes = [(shown.pixels.shape[1], setting.hidden), (setting.hidden,)]
    shapes += [(setting.hidden, outputs), (outputs,)]
    parameters = [_initial(shape, setting.weights, generator) for shape in shapes]
    for _ in range(setting.steps):
        chosen = torch.randint(len(shown.pixels), (setting.batch,), generator=generator)
        error = answers(parameters, shown.pixels[chosen], setting) - shown.targets[chosen]
        loss = error.square().sum(dim=1).mean() / 2
        gradients = torch.autograd.grad(loss, parameters)
        with torch.no_grad():
            for place, gradient in enumerate(gradients):
                parameters[place] -= setting.rate * gradient
    return parameters


def answers(parameters: list[Tensor], pixels: Tensor, setting: Setting) -> Tensor:
    """Outputs in (0, 1), shape (images, outputs)."""
    first, bias, second, last = parameters
    hidden = _ACTIVATIONS[setting.activation](pixels @ first + bias)
    return torch.sigmoid(hidden @ second + last)


def figures(setting: Setting, seed: int) -> Figures:
    """RMSE of the outputs, and the confusion of the two digits or of all."""
    shown, test = split(setting.classes, seed)
    parameters = train(setting, shown, seed)
    with torch.no_grad():
        outputs = answers(parameters, test.pixels, setting)
    rmse = (outputs - test.targets).square().mean().sqrt().item()
    if setting.classes > 2:
        truth, said = test.targets.argmax(dim=1), outputs.argmax(dim=1)
        most = said.bincount(minlength=setting.classes).max().item() / len(said)
        return {"rmse": rmse, "accuracy": (said == truth).double().mean().item(), "most": most}
    truth, said = test.targets[:, 0] > 0.5, outputs[:, 0] > 0.5
    pairs = {
        f"{int(real)}{int(told)}": ((truth == real) & (said == told)).sum().item()
        for real in (False, True)
        for told in (False, True)
    }
    return {"rmse": rmse, "accuracy": (truth == said).double().mean().item(), **pairs}


def _initial(shape: tuple[int, ...], value: float | None, generator: torch.Generator) -> Tensor:
    drawn = 0.1 * torch.randn(shape, generator=generator, dtype=torch.double)
    start = drawn if value is None else torch.full(shape, value, dtype=torch.double)
    return start.requires_grad_()


def _rows(
    settings: dict[str, Setting], published: dict[str, Figures] | None = None
) -> tuple[Row, ...]:
    return tuple(
        Row(name, partial(figures, setting), (published or {}).get(name, {}))
        for name, setting in settings.items()
    )


_GOOD = Setting()
_RMSE = Metric("rmse", "RMSE", 1, 4)
_ACCURACY = Metric("accuracy", "Accuracy, %", 100, 2)
_PAIRS = tuple(
    Metric(f"{real}{told}", f"{real} taken for {told}", 1, 0) for real in (0, 1) for told in (0, 1)
)
_PLAIN = (_RMSE, _ACCURACY)

HIDDEN_LAYER = Study(
    "hidden-layer",
    "One hidden layer, digits 0 against 1",
    "MNIST's 14,780 images of 0 and 1, 80 % to train on and 20 % to test on, drawn by seed; one "
    "hidden layer of 5 sigmoids, one sigmoid output, gradient descent at rate 0.1 with one image "
    "a step for 1,000 steps, all weights 0 at the start, except where a table says otherwise. The "
    "loss is half the squared error; RMSE is that of the output on the test images.",
    (
        Table(
            "good",
            "The good setting and its confusion",
            (_RMSE, *_PAIRS),
            _rows(
                {"5 sigmoids": _GOOD},
                {"5 sigmoids": {"rmse": 9.3e-3, "00": 1396, "01": 1, "10": 1, "11": 1558}},
            ),
            "The published RMSE and the published confusion matrix do not go together: two wrong "
            "answers of 2,956, each off by at least 0.5, alone make an RMSE of at least "
            "√(2 · 0.25 / 2956) = 0.013. The printed 0.0093 may be of "
            "other images, or a mean square.",
        ),
        Table(
            "rate",
            "Learning rate",
            _PLAIN,
            _rows(
                {f"{rate:g}": replace(_GOOD, rate=rate) for rate in (0.001, 0.01, 0.1, 1.0, 10.0)}
            ),
        ),
        Table(
            "hidden",
            "Hidden units",
            _PLAIN,
            _rows(
                {f"{units}": replace(_GOOD, hidden=units) for units in (1, 2, 5, 10, 20, 50, 100)}
            ),
            "With equal weights at the start all hidden units stay equal for ever: more of them "
            "act as one unit whose output weight learns at a multiple of the rate.",
        ),
        Table(
            "drawn",
            "Hidden units, weights drawn from N(0, 0.1²)",
            _PLAIN,
            _rows(
                {
                    f"{units}": replace(_GOOD, hidden=units, weights=None)
                    for units in (1, 2, 5, 10, 20, 50, 100)
                }
            ),
        ),
        Table(
            "weights",
            "Initial weights",
            _PLAIN,
            _rows(
                {
                    f"{value:g}": replace(_GOOD, weights=value)
                    for value in (-5.0, -1.0, -0.1, 0.0, 0.1, 1.0, 5.0)
                }
            ),
            "At -5 the source's program overflowed: exp(5 · Σ pixels) of a naive sigmoid exceeds "
            "what a double holds. Ours does not overflow; saturated units have no gradient, and "
            "nothing is learned either.",
        ),
        Table(
            "batch",
            "Batch, at 1,000 images in all",
            _PLAIN,
            _rows(
                {
                    f"{batch}": replace(_GOOD, batch=batch, steps=1000 // batch)
                    for batch in (1, 2, 5, 10, 50, 100)
                }
            ),
            "At an equal budget of images a larger batch takes fewer steps and is worse, as the "
            "source found.",
        ),
        Table(
            "activation",
            "Activation of the hidden layer",
            _PLAIN,
            _rows(
                {name: replace(_GOOD, activation=name) for name in _ACTIVATIONS},
                {"sigmoid": {"rmse": 9.3e-3}, "relu": {"rmse": 0.54}},
            ),
            "The published failure of ReLU is that of the initial weights: at 0 every ReLU is at "
            "its kink, its output and its gradient are 0, so only the bias of the output learns, "
            "and the network answers the same for every image. The next table starts from small "
            "random weights.",
        ),
        Table(
            "activation-drawn",
            "Activation of the hidden layer, weights drawn from N(0, 0.1²)",
            _PLAIN,
            _rows({name: replace(_GOOD, activation=name, weights=None) for name in _ACTIVATIONS}),
        ),
        Table(
            "digits",
            "All ten digits, ten outputs",
            (*_PLAIN, Metric("most", "Answers that are one digit, %", 100, 1)),
            _rows(
                {
                    "the good setting": replace(_GOOD, classes=10),
                    "100,000 steps": replace(_GOOD, classes=10, steps=100_000),
                    "weights drawn, 100,000 steps": replace(
                        _GOOD, classes=10, weights=None, steps=100_000
                    ),
                    "weights drawn, 30 units, rate 3, 100,000 steps": replace(
                        _GOOD, classes=10, weights=None, hidden=30, rate=3.0, steps=100_000
                    ),
                }
            ),
            "The source's ten-output network answered 1 for nearly every image. Equal initial "
            "weights make all hidden units one unit, whose single value orders all images along "
            "a line: ten classes cannot be told apart along it, and answering the share of each "
            "digit, largest for 1, is the best start of a squared error. With weights that "
            "differ, more units and enough steps the same network and loss learn.",
        ),
    ),
)
