"""Networks on disk: architecture, widths and weights out, the same network back in.

Nothing is pickled: a renamed module orphans no file, and loading runs no code.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from numpy.typing import NDArray
from safetensors.torch import load_file, save_file
from torch import nn

from secateur import manifest
from secateur.compression.plan import SurgeryPlan
from secateur.compression.quantization import quantize
from secateur.data.dataset import Development
from secateur.errors import ArtifactError
from secateur.export import export
from secateur.manifest import Manifest, Variant
from secateur.models.registry import build, takes
from secateur.records import Architecture


def save(folder: Path, network: nn.Module, content: Manifest) -> Manifest:
    """Write weights, graph and manifest into ``folder``, which is made where absent.

    Each file is there whole or not at all, also where two processes write the same model.

    Args:
        folder: of the model.
        network: takes normalised images and returns logits; or a generator.
        content: describes ``network``; its file digests are filled in.

    Returns:
        The manifest as written.
    """
    folder.mkdir(parents=True, exist_ok=True)
    weights = {
        name: tensor.detach().cpu().contiguous() for name, tensor in network.state_dict().items()
    }
    with TemporaryDirectory(dir=folder.parent, prefix=f".{folder.name}-") as scratch:
        fresh = Path(scratch)
        save_file(weights, fresh / manifest.WEIGHTS)
        export(network, content, fresh / manifest.GRAPH)
        written = manifest.write(fresh, content)
        # The manifest last: it names the others' digests.
        for name in (manifest.WEIGHTS, manifest.GRAPH, manifest.MANIFEST):
            (fresh / name).replace(folder / name)
    return written


def describe(
    architecture: Architecture,
    development: Development,
    widths: Sequence[int] | None = None,
    target: float = 0.0,
) -> Manifest:
    """The manifest of a network that was trained on some data, before it is saved.

    Args:
        architecture: of the dense network.
        development: that it was trained on.
        widths: channels kept a group; absent for the dense network itself.
        target: share of FLOPs that was to be cut.
    """
    return Manifest(
        task=development.task.kind,
        architecture=architecture,
        widths=None if widths is None else tuple(widths),
        labels=development.labels,
        mean=development.mean,
        std=development.std,
        scale=development.scale or 1.0,
        target=target,
    )


def load(folder: Path) -> tuple[nn.Module, Manifest]:
    """Rebuild the network saved in ``folder``, in evaluation mode.

    Raises:
        ArtifactError: a file is missing or altered, or the weights do not fit.
    """
    content = manifest.read(folder)
    network = rebuild(content.architecture, content.widths)
    try:
        network.load_state_dict(load_file(folder / manifest.WEIGHTS))
    except RuntimeError as error:
        raise ArtifactError(f"{folder / manifest.WEIGHTS}: {str(error).splitlines()[0]}") from None
    return network.eval(), content


def rebuild(architecture: Architecture, widths: Sequence[int] | None = None) -> nn.Module:
    """A network with fresh weights: dense, or of the given widths.

    Raises:
        ArchitectureError: the architecture makes no network.
        PolicyError: the widths do not fit it.
    """
    network = build(architecture)
    if widths is None:
        return network
    plan = SurgeryPlan.of(network, takes(architecture))
    return plan.prune(network, plan.kept_first(widths))


def add_int8(folder: Path, images: NDArray[np.float32]) -> Manifest:
    """Add the int8 variant to the model saved in ``folder``; its figures are not known yet.

    Args:
        folder: of the model.
        images: to calibrate on, as ``quantize`` takes them.

    Returns:
        The manifest as written.

    Raises:
        ArtifactError: a file is missing or altered.
    """
    # A manifest names no file that is being written: an older variant goes before.
    content = drop_int8(folder)
    quantize(folder / manifest.GRAPH, images, folder / manifest.INT8_GRAPH)
    variants = {"int8": Variant(graph=manifest.INT8_GRAPH)}
    return manifest.write(folder, content.model_copy(update={"variants": variants}))


def drop_int8(folder: Path) -> Manifest:
    """Take the int8 variant away again; otherwise as ``add_int8``."""
    content = manifest.read(folder).model_copy(update={"variants": {}})
    written = manifest.write(folder, content, without=(manifest.INT8_GRAPH,))
    (folder / manifest.INT8_GRAPH).unlink(missing_ok=True)
    return written
