"""Networks on disk: architecture, widths and weights out, the same network back in.

Nothing is pickled: a renamed module orphans no file, and loading runs no code.
"""

from __future__ import annotations

import logging
import warnings
from collections.abc import Sequence
from pathlib import Path

import torch
from safetensors.torch import load_file, save_file
from torch import nn

from secateur import manifest
from secateur.compression.plan import SurgeryPlan
from secateur.errors import ArtifactError
from secateur.manifest import Manifest
from secateur.models.registry import build
from secateur.records import Architecture
from secateur.training.preprocess import Normalize


def save(folder: Path, network: nn.Module, content: Manifest) -> Manifest:
    """Write weights, graph and manifest into ``folder``, which is made where absent.

    Args:
        folder: of the model.
        network: takes normalised images and returns logits.
        content: describes ``network``; its file digests are filled in.

    Returns:
        The manifest as written.
    """
    folder.mkdir(parents=True, exist_ok=True)
    weights = {
        name: tensor.detach().cpu().contiguous() for name, tensor in network.state_dict().items()
    }
    save_file(weights, folder / manifest.WEIGHTS)
    export(network, content, folder / manifest.GRAPH)
    return manifest.write(folder, content)


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
    plan = SurgeryPlan.of(network, architecture.input_shape)
    return plan.prune(network, plan.kept_first(widths))


def export(network: nn.Module, content: Manifest, path: Path) -> None:
    """Write the ONNX graph that serving runs: pixels in [0, 1] in, probabilities out."""
    served = nn.Sequential(Normalize(content.mean, content.std), network, nn.Softmax(dim=1))
    was_training = network.training
    served.eval()
    # Two images: a batch of one would be taken for a constant.
    example = torch.zeros(2, *content.architecture.input_shape)
    logging.getLogger("onnxscript").setLevel(logging.ERROR)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the exporter's own deprecations
        torch.onnx.export(
            served,
            (example,),
            path,
            input_names=[manifest.GRAPH_INPUT],
            output_names=[manifest.GRAPH_OUTPUT],
            dynamic_shapes=({0: torch.export.Dim("batch")},),
            dynamo=True,
            external_data=False,
            verbose=False,
        )
    network.train(was_training)
