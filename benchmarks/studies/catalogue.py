"""Studies of the literature, by name."""

from __future__ import annotations

from benchmarks.studies.hidden_layer import HIDDEN_LAYER
from benchmarks.studies.lenet import LENET
from benchmarks.studies.perceptrons import CALCULATOR, MNIST_MLP
from benchmarks.studies.study import Study

STUDIES: dict[str, Study] = {
    study.name: study for study in (LENET, HIDDEN_LAYER, CALCULATOR, MNIST_MLP)
}
