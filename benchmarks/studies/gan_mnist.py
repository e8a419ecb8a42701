"""GANs of digits, one choice at a time, with figures where the source has pictures."""

from __future__ import annotations

from benchmarks.studies.generative import (
    BRIGHTNESS,
    ENDLESS,
    LIKENESS,
    PER_STEP,
    SECONDS,
    STEPS,
    Case,
    Setting,
    course,
    rows,
)
from benchmarks.studies.study import Metric, Row, Study, Table
from secateur.records import GenerativeRecipe, Scalar
from secateur.spec import MNISTData

_STEPS = 2000
_SECONDS = 60.0

_RECIPE = GenerativeRecipe(
    learning_rate=2e-4,
    schedule="constant",
    precision="float32",
    momentum=0.5,
    batch_size=64,
    steps=_STEPS,
    interval=_STEPS,
)
MLP = Setting("mlp-gan", (("width", 1.0), ("normalization", "batch")), _RECIPE, MNISTData())
DCGAN = Setting("dcgan", (("width", 32), ("critic_width", 32)), _RECIPE, MNISTData())

_METRICS = (*LIKENESS, SECONDS)
_SAME = "as the reference"


def _widths(field: str, layer: str, claims: dict[int, str]) -> tuple[Row, ...]:
    cases = {
        f"{layer}: {units}": Case(MLP.but(**{field: units}), claim)
        for units, claim in claims.items()
    }
    return rows(cases)


def _activation(name: str) -> Setting:
    return MLP.but(activation=name)


def _optimizer(name: str, rate: float, steps: int = _STEPS) -> Setting:
    changes: dict[str, Scalar] = {"optimizer": name, "learning_rate": rate}
    return MLP.but({**changes, "steps": steps, "interval": steps})


def _timed(setting: Setting) -> Setting:
    return setting.but({"seconds": _SECONDS, "steps": ENDLESS, "interval": 20})


def wasserstein(base: Setting, seconds: float) -> dict[str, Case]:
    """The same networks as a plain GAN and as WGANs of both kinds, for the same time.

    Args:
        base: a DCGAN.
        seconds: CPU time of each training.
    """
    timed = {"seconds": seconds, "steps": ENDLESS, "interval": 100}
    game = {"loss": "wasserstein", "critic_steps": 5, **timed}
    clipped = {**game, "constraint": "clipping", "optimizer": "rmsprop"}
    penalised = {**game, "constraint": "gradient-penalty", "momentum": 0.0}
    plain = {"critic_normalization": "layer"}
    return {
        "non-saturating, Adam 2e-4": Case(base.but(timed)),
        "clipping 0.01, RMSprop 5e-5": Case(base.but({**clipped, "learning_rate": 5e-5})),
        "clipping 0.01, RMSprop 1e-3": Case(base.but({**clipped, "learning_rate": 1e-3})),
        "penalty 10, Adam 1e-4": Case(base.but({**penalised, "learning_rate": 1e-4}, **plain)),
        "penalty 10, Adam 1e-3": Case(base.but({**penalised, "learning_rate": 1e-3}, **plain)),
    }


_SIGMOID = {
    250.0: "has converged",
    1000.0: "",
    2000.0: "",
    2400.0: "breaks: inverted images",
    2800.0: "has recovered",
}

GAN_MNIST = Study(
    "gan-mnist",
    "GANs on MNIST",
    "A generator of 256, 512 and 1,024 leaky ReLUs with batch norm against a critic of 512 and "
    "256 ReLUs, binary cross-entropy (non-saturating), Adam at 2e-4 with β₁ 0.5, "
    f"{_STEPS:,} steps of 64 images, except where a table says otherwise; the source prints "
    "neither learning rate, batch nor normalisation, and calls a step an epoch. The source shows "
    "pictures and curves and no figures: *Published* "
    "is what it says in words. *Distance* is the Fréchet distance of 2,000 generated and 2,000 "
    "test images on 64 features of a classifier that was trained here on MNIST, and no Inception "
    "FID; [judging](../judging.md) says what it and coverage mean, and when images count as "
    "collapsed. Real against real is in [the study of the measures](judging.md). CPU seconds are "
    "of one thread, without judging.",
    (
        Table(
            "optimizer",
            "Optimizer",
            _METRICS,
            rows(
                {
                    "Adam 2e-4": Case(MLP),
                    "SGD 0.01": Case(_optimizer("sgd", 0.01)),
                    "SGD 0.1": Case(_optimizer("sgd", 0.1)),
                    "SGD 0.01, 4,000 steps": Case(
                        _optimizer("sgd", 0.01, 4000), "noise still at 4,000"
                    ),
                }
            ),
        ),
        Table(
            "normalization",
            "Normalisation in the generator",
            _METRICS,
            rows({"batch norm": Case(MLP), "none": Case(MLP.but(normalization="none"))}),
        ),
        Table(
            "layers",
            "Leaving layers out",
            _METRICS,
            rows(
                {
                    "reference": Case(MLP),
                    "without the generator's last": Case(
                        MLP.but(third=0),
                        "images slightly sooner, losses do not fully converge",
                    ),
                    "also without the critic's first": Case(
                        MLP.but(third=0, critic_first=0), "similar images, noisier losses"
                    ),
                }
            ),
        ),
        Table(
            "generator-widths",
            "Units of the generator",
            _METRICS,
            (
                *rows({"reference: 256, 512, 1024": Case(MLP)}),
                *_widths("first", "first", {20: _SAME, 700: _SAME}),
                *_widths("second", "second", {300: _SAME, 800: _SAME}),
                *_widths(
                    "third", "last", {500: "losses apart, images nearly as good", 1600: _SAME}
                ),
            ),
        ),
        Table(
            "critic-widths",
            "Units of the critic",
            _METRICS,
            (
                *rows({"reference: 512, 256": Case(MLP)}),
                *_widths("critic_first", "first", {200: "losses apart", 800: _SAME}),
                *_widths("critic_second", "second", {100: _SAME, 550: _SAME}),
            ),
        ),
        Table(
            "activation",
            "Activation of the generator",
            _METRICS,
            rows(
                {
                    "leaky ReLU": Case(MLP),
                    "ReLU": Case(_activation("relu"), "slightly worse"),
                    "tanh": Case(_activation("tanh"), "much slower"),
                    "sigmoid": Case(_activation("sigmoid"), "see the next table"),
                }
            ),
        ),
        Table(
            "sigmoid",
            "Sigmoids in the generator, by step",
            (*_METRICS, BRIGHTNESS),
            course(
                _activation("sigmoid").but({"steps": 2800, "interval": 50}),
                "step",
                _SIGMOID,
                "{} steps",
            ),
            "Brightness is the mean pixel of the generated images; that of MNIST is 13 %, and "
            "inverted images would have 87 %.",
        ),
        Table(
            "dcgan",
            "DCGAN against perceptrons at equal steps",
            (*_METRICS, PER_STEP),
            rows(
                {
                    "perceptrons": Case(MLP),
                    "DCGAN, width 32": Case(
                        DCGAN, "fewer epochs, sharper images, 7 to 8 times the time an epoch"
                    ),
                }
            ),
        ),
        Table(
            "time",
            "DCGAN against perceptrons at equal time",
            (*LIKENESS, STEPS),
            (
                *course(_timed(MLP), "seconds", {30.0: "", _SECONDS: ""}, "perceptrons, {} s"),
                *course(_timed(DCGAN), "seconds", {30.0: "", _SECONDS: ""}, "DCGAN, {} s"),
            ),
        ),
        Table(
            "wasserstein",
            "WGAN: clipping against gradient penalty",
            (*LIKENESS, Metric("steps", "Generator's steps", 1, 0)),
            rows(wasserstein(DCGAN.but(width=16, critic_width=16), _SECONDS)),
            f"DCGANs of width 16, {_SECONDS:g} CPU seconds each; WGANs take five steps of the "
            "critic for one of the generator. RMSprop at 5e-5 and Adam at 1e-4 are the rates of "
            "the papers, and slow for so short a time: hence the others beside them.",
        ),
    ),
)
