"""What a saved model says of itself: readable, and checkable, without torch.

A model is a folder of a few files beside its manifest: the weights to train on from
(safetensors), the graph to serve (ONNX), variants of it in other precisions, and nothing
pickled, so that loading a model runs no code.  Every file is held to the SHA-256 that the
manifest names.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection
from pathlib import Path
from typing import Literal

from pydantic import ValidationError

from secateur.errors import ArtifactError
from secateur.records import AnyFigures, Architecture, Record
from secateur.scratch import whole

MANIFEST = "manifest.json"
WEIGHTS = "weights.safetensors"
GRAPH = "model.onnx"
INT8_GRAPH = "model.int8.onnx"
# What tells images that could be real from others, where a generator was saved with that: a
# ``ValidityRule`` of ``secateur.judging.validity``.
VALIDITY = "validity.json"

# Names in the ONNX graph: float32 pixels in [0, 1] go in as (batch, channels, height,
# width); float32 probabilities come out as (batch, classes). Normalisation is inside.
GRAPH_INPUT = "images"
GRAPH_OUTPUT = "probabilities"

# Those of a generator: float32 values of a standard normal distribution go in as (batch,
# latent); float32 pixels in [0, 1] come out as (batch, channels, height, width).
NOISE_INPUT = "noise"
IMAGES_OUTPUT = "images"

# That of a regression: float32 values (batch, 1) come out, in the unit of the training data.
VALUES_OUTPUT = "values"

Task = Literal["classification", "generation", "regression"]

INPUTS: dict[Task, str] = {
    "classification": GRAPH_INPUT,
    "generation": NOISE_INPUT,
    "regression": GRAPH_INPUT,
}
"""Name of what goes into a graph, by task."""

OUTPUTS: dict[Task, str] = {
    "classification": GRAPH_OUTPUT,
    "generation": IMAGES_OUTPUT,
    "regression": VALUES_OUTPUT,
}
"""Name of what comes out of a graph, by task."""

# Of the numbers that a served graph computes in.
ServedPrecision = Literal["float32", "int8"]


class Variant(Record):
    """The graph of a saved network in one precision.

    Attributes:
        graph: name of its file.
        figures: its own, on the test split, where it has been measured.
    """

    graph: str
    figures: AnyFigures | None = None


class Manifest(Record):
    """The description of one saved network.

    Attributes:
        format: version of this layout.
        task: what the network does: classify images, generate them, or say a value.
        architecture: the dense network; the input shape of a generator is that of the
            images that it was trained on, and makes.
        widths: channels kept a group; absent for the dense network itself.
        labels: names of the classes, in the order of the outputs; a generator has none.
        mean: of each channel of the training pixels, in [0, 1].
        std: of each channel of the training pixels, in [0, 1].
        scale: of a regression, the value that an output of 1 of the network stands for.
        target: share of FLOPs that was to be cut; 0 for a dense network.
        figures: measured on the test split, where it has been: ``GeneratorFigures`` of a
            generator, else ``Figures``.
        dense_figures: those of the dense parent.
        variants: the network in other precisions than float32.
        files: SHA-256 in hexadecimal of every other file of the folder, by name.
    """

    format: Literal[1] = 1
    task: Task = "classification"
    architecture: Architecture
    widths: tuple[int, ...] | None = None
    labels: tuple[str, ...]
    mean: tuple[float, ...]
    std: tuple[float, ...]
    scale: float = 1.0
    target: float = 0.0
    figures: AnyFigures | None = None
    dense_figures: AnyFigures | None = None
    variants: dict[Literal["int8"], Variant] = {}
    files: dict[str, str] = {}

    def variant(self, precision: ServedPrecision) -> Variant:
        """The graph to serve in a precision, and its own figures.

        Raises:
            ArtifactError: the model was not saved in that precision.
        """
        if precision == "float32":
            return Variant(graph=GRAPH, figures=self.figures)
        if precision not in self.variants:
            known = " or ".join(["float32", *self.variants])
            raise ArtifactError(
                f"precision {precision}: this model has no such graph; expected {known}"
            )
        return self.variants[precision]


def write(folder: Path, manifest: Manifest, without: Collection[str] = ()) -> Manifest:
    """Write ``manifest``, whole or not at all, with the digests of the files in ``folder``.

    Args:
        folder: of the model; what begins with a dot is no file of it.
        manifest: whose ``files`` are filled in.
        without: names of files that are about to be removed.

    Returns:
        The manifest as written.
    """
    digests = {
        path.name: digest(path)
        for path in sorted(folder.iterdir())
        if path.is_file()
        and not path.name.startswith(".")
        and path.name not in (MANIFEST, *without)
    }
    sealed = manifest.model_copy(update={"files": digests})
    with whole(folder / MANIFEST) as partial:
        partial.write_text(sealed.model_dump_json(indent=2) + "\n", encoding="utf-8")
    return sealed


def read(folder: Path, seal: str | None = None) -> Manifest:
    """Read a manifest and hold every file to its digest.

    Args:
        folder: a saved model.
        seal: SHA-256 in hexadecimal of the manifest itself, where it is known from elsewhere.

    Raises:
        ArtifactError: no manifest, an unreadable one, a missing or an altered file.
    """
    path = folder / MANIFEST
    try:
        content = path.read_bytes()
        manifest = Manifest.from_json(content)
    except OSError as error:
        raise ArtifactError(f"{path}: {error.strerror}; expected a saved model") from None
    except ValidationError as error:
        raise ArtifactError(f"{path}: not a manifest of format 1: {error.errors()[0]}") from None
    if seal not in (None, hashlib.sha256(content).hexdigest()):
        raise ArtifactError(f"{path}: SHA-256 differs from the registry's {seal}")
    for name, expected in manifest.files.items():
        if Path(name).name != name or not (folder / name).is_file():
            raise ArtifactError(f"{folder / name}: missing, though the manifest names it")
        if digest(folder / name) != expected:
            raise ArtifactError(f"{folder / name}: SHA-256 differs from the manifest's {expected}")
    return manifest


def digest(path: Path) -> str:
    """SHA-256 of a file's content, in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
