"""The networks that are served: dense parents and their compressed children.

Weights are random, as what a network answers in a second does not depend on them.  Widths
and int8 graphs are made by the project's own code, as for a job: the uniform policy, and
static quantisation, here calibrated on noise.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
from torch import nn

from benchmarks.serving.bodies import Array
from secateur import artifacts, manifest
from secateur.compression.cost import CostModel
from secateur.compression.limits import Limits
from secateur.compression.plan import SurgeryPlan
from secateur.compression.policy import allowed_widths, uniform
from secateur.compression.quantization import CALIBRATION_IMAGES
from secateur.manifest import Manifest, ServedPrecision
from secateur.models.registry import build
from secateur.records import Architecture

CLASSES = 10
SEED = 0


@dataclass(frozen=True)
class Pair:
    """A dense parent, and the child that is put beside it.

    Attributes:
        architecture: of the parent.
        target: share of its FLOPs that the child saves.
        precision: of the child.
    """

    architecture: Architecture
    target: float
    precision: ServedPrecision = "float32"

    @cached_property
    def dense(self) -> nn.Module:
        """The parent, with random weights."""
        return build(self.architecture, seed=SEED).eval()

    @cached_property
    def plan(self) -> SurgeryPlan:
        """What can be cut."""
        return SurgeryPlan.of(self.dense, self.architecture.input_shape)

    @cached_property
    def cost(self) -> CostModel:
        """Of the parent, by widths."""
        return CostModel.of(self.dense, self.plan.graph, self.architecture.input_shape)

    @cached_property
    def widths(self) -> tuple[int, ...]:
        """Of the child."""
        return uniform(Limits.of(self.cost, self.target), allowed_widths(self.plan.groups))

    def noise(self, images: int) -> Array:
        """Pixels in [0, 1), of shape (images, channels, height, width)."""
        shape = (images, *self.architecture.input_shape)
        return np.random.default_rng(SEED).random(shape, np.float32)


PAIRS = {
    "lenet": Pair(Architecture(name="lenet", input_shape=(1, 28, 28), classes=CLASSES), 0.75),
    "resnet18": Pair(
        Architecture(name="resnet-imagenet", input_shape=(3, 32, 32), classes=CLASSES),
        0.85,
        "int8",
    ),
}
"""``resnet18`` has the stem for small images: it neither strides nor pools."""


@dataclass(frozen=True)
class Served:
    """Folders of saved models.

    Attributes:
        dense: the parent.
        child: the compressed network.
    """

    dense: Path
    child: Path


def prepare(name: str, folder: Path) -> Served:
    """Save both networks of a pair below ``folder``, where they are not there yet."""
    pair = PAIRS[name]
    served = Served(folder / f"{name}-dense", folder / f"{name}-{pair.target:.0%}")
    if not (served.dense / manifest.MANIFEST).exists():
        artifacts.save(served.dense, pair.dense, _described(pair))
    if not (served.child / manifest.MANIFEST).exists():
        child = pair.plan.prune(pair.dense, pair.plan.kept_first(pair.widths))
        artifacts.save(served.child, child, _described(pair, pair.widths, pair.target))
        if pair.precision == "int8":
            artifacts.add_int8(served.child, pair.noise(CALIBRATION_IMAGES))
    return served


def graph(folder: Path, precision: ServedPrecision) -> Path:
    """The file that a server is to run."""
    return folder / manifest.read(folder).variant(precision).graph


def expected(file: Path, images: Array) -> Array:
    """The probabilities that a graph gives, float32 (images, classes)."""
    session = onnxruntime.InferenceSession(str(file), providers=["CPUExecutionProvider"])
    (output,) = session.run(None, {manifest.GRAPH_INPUT: images})
    return np.asarray(output, np.float32)


def facts(name: str) -> dict[str, Any]:
    """What the page says of a pair; FLOPs are of one image."""
    pair = PAIRS[name]
    return {
        "architecture": pair.architecture.name,
        "input_shape": pair.architecture.input_shape,
        "target": pair.target,
        "flops": [pair.cost.dense_flops, int(pair.cost.flops(pair.widths))],
    }


def _described(pair: Pair, widths: tuple[int, ...] | None = None, target: float = 0.0) -> Manifest:
    channels = pair.architecture.input_shape[0]
    return Manifest(
        architecture=pair.architecture,
        widths=widths,
        labels=tuple(str(label) for label in range(CLASSES)),
        mean=(0.5,) * channels,
        std=(0.25,) * channels,
        target=target,
    )
