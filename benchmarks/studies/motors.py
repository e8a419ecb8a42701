"""Motor signals: how well states are told apart, and whether synthetic signals help."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache, partial
from math import ceil

import numpy as np
from torch import nn

from benchmarks.studies.motor_makers import BASELINES, JITTER, MAKERS, NETWORK_STEPS, Maker
from benchmarks.studies.study import Figures, Metric, Row, Study, Table
from secateur.data.dataset import Development, channel_statistics
from secateur.data.images import Images
from secateur.data.motors import STATES, simulated
from secateur.models import build
from secateur.records import Architecture, Recipe, Scalar
from secateur.spec import MotorsData
from secateur.training.evaluation import score
from secateur.training.supervised import train

STEPS = 300
"""Of every classifier, whatever the number of signals."""

TESTED = 1200
MADE = 300
"""Synthetic signals of each state."""

_BATCH = 32
_MARGIN = 0.01
"""A little more than the standard error of an accuracy of 90 % on ``TESTED`` signals."""

_SPECTRA: dict[str, Scalar] = {"width": 8, "depth": 4, "kernel": 7, "stride": 2}
_SERIES: dict[str, Scalar] = {"width": 16, "depth": 4, "kernel": 63, "stride": 8, "head": "mean"}
_NETWORKS = {"spectra": _SPECTRA, "series": _SERIES}


@cache
def signals(
    count: int, *seed: int, representation: str = "spectra", machine: str = "fan"
) -> Images:
    """Signals of a seed: those of different seeds have nothing in common."""
    spec = MotorsData.model_validate(
        {"signals": count, "representation": representation, "machine": machine}
    )
    return simulated(spec, np.random.default_rng(seed))


def classifier(
    shown: Images, seed: int, classes: int = len(STATES), representation: str = "spectra"
) -> tuple[nn.Module, Development]:
    """A network that was trained for ``STEPS`` steps, and what it was trained on."""
    mean, std = channel_statistics(shown.pixels)
    names = tuple(map(str, range(classes)))
    development = Development(names, shown, shown.take(slice(0, _BATCH)), mean, std)
    asked = Architecture(
        name="cnn1d", arguments=_NETWORKS[representation], input_shape=shown.shape, classes=classes
    )
    network = build(asked, seed)
    recipe = Recipe(
        learning_rate=4e-3,
        weight_decay=1e-3,
        batch_size=_BATCH,
        epochs=ceil(STEPS / ceil(len(shown) / _BATCH)),
        precision="float32",
        seed=seed,
    )
    for _ in train(network, development, recipe):
        pass
    return network, development


def accuracy(shown: Images, judged: Images, seed: int, representation: str = "spectra") -> float:
    """Share of ``judged`` that a classifier trained on ``shown`` gets right."""
    network, development = classifier(shown, seed, representation=representation)
    return score(network, judged, development.mean, development.std).accuracy


def told_apart(synthetic: Images, seed: int) -> float:
    """Accuracy in telling synthetic from fresh real signals: 0.5 where they are alike."""
    real = signals(len(synthetic), seed, 2)
    order = np.random.default_rng(seed).permutation(2 * len(real))
    pixels = np.concatenate([real.pixels, synthetic.pixels])
    both = Images(pixels, np.repeat([0, 1], len(real))).take(order)
    cut = len(order) * 2 // 3
    network, development = classifier(both.take(slice(0, cut)), seed, classes=2)
    judged = both.take(slice(cut, None))
    return score(network, judged, development.mean, development.std).accuracy


def recognised(representation: str, trained: tuple[str, ...], seed: int) -> Figures:
    """Accuracy on fresh signals of both machines after training on 1,200 signals of some."""
    shown = [
        signals(1200 // len(trained), seed, 0, representation=representation, machine=machine)
        for machine in trained
    ]
    network, development = classifier(joined(*shown), seed, representation=representation)
    found = {}
    for machine in ("fan", "pump"):
        judged = signals(TESTED, 0, 1, representation=representation, machine=machine)
        found[machine] = score(network, judged, development.mean, development.std).accuracy
    return found


def real_alone(count: int, seed: int) -> Figures:
    """Train on real signals, test on real ones."""
    return {"accuracy": accuracy(signals(count, seed, 0), signals(TESTED, 0, 1), seed)}


def more_real(_real: Images, count: int, seed: int) -> Images:
    """No synthetic signals but fresh real ones: as good as a maker can be."""
    return signals(len(STATES) * count, seed, 3)


def with_synthetic(maker: Maker, count: int, seed: int) -> Figures:
    """Train on synthetic signals, alone and with the real ones they were made from."""
    real, judged = signals(count, seed, 0), signals(TESTED, 0, 1)
    synthetic = maker(real, MADE, seed)
    return {
        "synthetic": accuracy(synthetic, judged, seed),
        "joined": accuracy(joined(real, synthetic), judged, seed),
        "told": told_apart(synthetic, seed),
    }


def joined(*parts: Images) -> Images:
    """All signals of all parts."""
    pixels = np.concatenate([part.pixels for part in parts])
    return Images(pixels, np.concatenate([part.labels for part in parts]))


def _augmented(count: int) -> Table:
    makers = {"real signals, fresh ones": more_real, **MAKERS}
    rows = [Row(name, partial(with_synthetic, maker, count), {}) for name, maker in makers.items()]
    title = f"Synthetic signals made from {count:,} real ones"
    return Table(f"from-{count}", title, _AUGMENTED, tuple(rows), verdict=verdict)


def verdict(means: Mapping[str, Figures]) -> str:
    """Whether the best network played helps more than both baselines, by ``_MARGIN`` at least.

    Args:
        means: figures by row.
    """
    joined_by = {name: figures["joined"] for name, figures in means.items() if name in MAKERS}
    networks = [name for name in joined_by if name not in BASELINES]
    if not networks or not set(BASELINES) <= set(joined_by):
        return "Not enough has been played to compare networks with the baselines."
    best = max(networks, key=joined_by.__getitem__)
    shown = ", ".join(f"{joined_by[name]:.1%} with {name}" for name in BASELINES)
    beaten = [name for name in BASELINES if joined_by[name] + _MARGIN < joined_by[best]]
    lost = [name for name in BASELINES if name not in beaten]
    outcome = f"beat {' and '.join(beaten)}" if beaten else "beat neither baseline"
    but = f", and do not beat {' and '.join(lost)}" if beaten and lost else ""
    return (
        f"Of the networks *{best}* helps most: {joined_by[best]:.1%} with its signals and the real "
        f"ones, {shown}. **By a point and more, signals of a network {outcome}{but}.**"
    )


_AUGMENTED = (
    Metric("synthetic", "Trained on synthetic, tested on real, %", 100, 1),
    Metric("joined", "Trained on real and synthetic, %", 100, 1),
    Metric("told", "Real and synthetic told apart, %", 100, 1),
)

_PROTOCOL = (
    "Simulated currents and vibrations of a second, see [Motors](../motors.md), as spectra where a "
    "row says nothing else. Nothing of this kind is in print: all figures are ours, accuracies on "
    f"{TESTED:,} fresh signals, a quarter of each state. Classifiers are `cnn1d`, trained for "
    f"{STEPS} steps of {_BATCH} signals on however many there are. Of each state {MADE} synthetic "
    "signals are made from the real ones of the table alone. Jitter adds normal noise of "
    f"{JITTER * 0.4:g} dB to every line of a real signal, the better of 4.8 and 8 dB here; class "
    "noise draws from the normal distribution with the mean and the covariance of a state. VAE, "
    "GAN and diffusion are a network of each state. A decoder says means: *drawn around its means* "
    "adds the deviation of each line from what the VAE rebuilds. Each network is trained for "
    f"{NETWORK_STEPS} steps. *Told apart*: how often a classifier trained for it tells "
    "synthetic signals from fresh real ones; 50 % where it cannot."
)

MOTORS = Study(
    "motors",
    "Motor signals",
    _PROTOCOL,
    (
        Table(
            "states",
            "Four states told apart",
            (
                Metric("fan", "On the fan, %", 100, 1),
                Metric("pump", "On the pump, %", 100, 1),
            ),
            (
                Row("spectra of the fan", partial(recognised, "spectra", ("fan",)), {}),
                Row("series of the fan", partial(recognised, "series", ("fan",)), {}),
                Row("spectra of both", partial(recognised, "spectra", ("fan", "pump")), {}),
            ),
        ),
        Table(
            "alone",
            "Real signals alone",
            (Metric("accuracy", "Accuracy, %", 100, 1),),
            tuple(
                Row(f"{count:,} real signals", partial(real_alone, count), {})
                for count in (100, 1200)
            ),
        ),
        _augmented(100),
        _augmented(1200),
    ),
)
