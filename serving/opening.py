"""Which kind of network a saved model is."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Final

from secateur import manifest
from secateur.manifest import ServedPrecision, Task
from serving.generator import Generator
from serving.network import Network
from serving.regressor import Regressor
from serving.runtime import Classifier

KINDS: Final[Mapping[Task, type[Network]]] = {
    kind.task: kind for kind in (Classifier, Generator, Regressor)
}


def open_network(folder: Path, threads: int = 1, precision: ServedPrecision = "float32") -> Network:
    """Open a saved model, as its manifest's task asks for.

    Args:
        folder: a saved model.
        threads: as ``Network.load`` takes them.
        precision: of the graph to run.

    Raises:
        ArtifactError: as ``Network.load`` does.
    """
    content = manifest.read(folder)
    return KINDS[content.task].open(folder, content, threads, precision)
