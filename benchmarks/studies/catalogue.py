"""Studies of the literature, by name."""

from __future__ import annotations

from benchmarks.studies.gan_microstructures import GAN_MICROSTRUCTURES
from benchmarks.studies.gan_mnist import GAN_MNIST
from benchmarks.studies.hidden_layer import HIDDEN_LAYER
from benchmarks.studies.judging import JUDGING
from benchmarks.studies.lenet import LENET
from benchmarks.studies.mnist_mlp import MNIST_MLP
from benchmarks.studies.motors import MOTORS
from benchmarks.studies.perceptrons import CALCULATOR
from benchmarks.studies.study import Study

STUDIES: dict[str, Study] = {
    study.name: study
    for study in (
        LENET,
        HIDDEN_LAYER,
        CALCULATOR,
        MNIST_MLP,
        JUDGING,
        GAN_MNIST,
        GAN_MICROSTRUCTURES,
        MOTORS,
    )
}
