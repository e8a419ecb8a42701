"""The graph that serving runs, with what stands before and after the network inside it."""

from __future__ import annotations

import logging
import warnings
from pathlib import Path

import onnx
import torch
from torch import Tensor, nn

from secateur import manifest
from secateur.manifest import Manifest
from secateur.models.registry import takes
from secateur.tasks import CLASSIFICATION, Regression
from secateur.tasks.generation import ToPixels
from secateur.training.evaluation import evaluating
from secateur.training.preprocess import Normalize


def export(network: nn.Module, content: Manifest, path: Path) -> None:
    """Write the ONNX graph of a network: pixels in [0, 1] in, probabilities out.

    That of a regression takes numbers as they are, and says values; that of a generator takes
    noise (n, latent), and makes pixels in [0, 1].
    """
    served, row = _served(network, content)
    # Two rows: a batch of one would be taken for a constant.
    example = torch.zeros(2, *row)
    logging.getLogger("onnxscript").setLevel(logging.ERROR)
    with evaluating(served), warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the exporter's own deprecations
        program = torch.onnx.export(
            served,
            (example,),
            input_names=[manifest.INPUTS[content.task]],
            output_names=[manifest.OUTPUTS[content.task]],
            dynamic_shapes=({0: torch.export.Dim("batch")},),
            dynamo=True,
            verbose=False,
        )
    assert program is not None
    onnx.save(_without_traces(program.model_proto), path)


class _AsMap(nn.Module):
    """Noise (n, latent) as the feature map (n, latent, 1, 1) that generators take."""

    def forward(self, noise: Tensor) -> Tensor:
        return noise[:, :, None, None]


def _served(network: nn.Module, content: Manifest) -> tuple[nn.Module, tuple[int, ...]]:
    """What is exported, and the shape of one row of its input."""
    if content.task == "generation":
        latent, _, _ = takes(content.architecture)
        return nn.Sequential(_AsMap(), network, ToPixels()), (latent,)
    task = Regression(content.scale) if content.task == "regression" else CLASSIFICATION
    whole = nn.Sequential(Normalize(content.mean, content.std), network, task.head())
    return whole, content.architecture.input_shape


def _without_traces(model: onnx.ModelProto) -> onnx.ModelProto:
    """Drop what the exporter notes beside each node: stacks, and with them this machine's paths.

    They would also be a good part of a small file.
    """
    for part in (*model.graph.node, *model.graph.value_info, *model.graph.initializer):
        part.ClearField("metadata_props")
        part.ClearField("doc_string")
    return model
