"""What a saved model says of itself: readable, and checkable, without torch.

A model is a folder of three files beside its manifest: the weights to train on from
(safetensors), the graph to serve (ONNX), and nothing pickled, so that loading a model
runs no code.  Every file is held to the SHA-256 that the manifest names.
"""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Literal

from pydantic import ValidationError

from secateur.errors import ArtifactError
from secateur.records import Architecture, Figures, Record

MANIFEST = "manifest.json"
WEIGHTS = "weights.safetensors"
GRAPH = "model.onnx"

# Names in the ONNX graph: float32 pixels in [0, 1] go in as (batch, channels, height,
# width); float32 probabilities come out as (batch, classes). Normalisation is inside.
GRAPH_INPUT = "images"
GRAPH_OUTPUT = "probabilities"


class Manifest(Record):
    """The description of one saved classifier.

    Attributes:
        format: version of this layout.
        architecture: the dense network.
        widths: channels kept a group; absent for the dense network itself.
        labels: names of the classes, in the order of the outputs.
        mean: of each channel of the training pixels, in [0, 1].
        std: of each channel of the training pixels, in [0, 1].
        target: share of FLOPs that was to be cut; 0 for a dense network.
        figures: measured on the test split, where it has been.
        dense_figures: those of the dense parent.
        files: SHA-256 in hexadecimal of every other file of the folder, by name.
    """

    format: Literal[1] = 1
    architecture: Architecture
    widths: tuple[int, ...] | None = None
    labels: tuple[str, ...]
    mean: tuple[float, ...]
    std: tuple[float, ...]
    target: float = 0.0
    figures: Figures | None = None
    dense_figures: Figures | None = None
    files: dict[str, str] = {}


def write(folder: Path, manifest: Manifest) -> Manifest:
    """Write ``manifest`` with the digests of the files now in ``folder``, and return it."""
    digests = {
        path.name: digest(path)
        for path in sorted(folder.iterdir())
        if path.is_file() and path.name != MANIFEST
    }
    sealed = manifest.model_copy(update={"files": digests})
    (folder / MANIFEST).write_text(sealed.model_dump_json(indent=2) + "\n", encoding="utf-8")
    return sealed


def read(folder: Path) -> Manifest:
    """Read a manifest and hold every file to its digest.

    Raises:
        ArtifactError: no manifest, an unreadable one, a missing or an altered file.
    """
    path = folder / MANIFEST
    try:
        manifest = Manifest.from_json(path.read_bytes())
    except OSError as error:
        raise ArtifactError(f"{path}: {error.strerror}; expected a saved model") from None
    except ValidationError as error:
        raise ArtifactError(f"{path}: not a manifest of format 1: {error.errors()[0]}") from None
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
