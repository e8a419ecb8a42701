"""A saved model as a model of MLflow's ONNX flavour, which plain MLflow code loads and scores."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import mlflow
import onnx
from mlflow import MlflowClient
from mlflow.entities import LoggedModelOutput
from mlflow.models import ModelSignature
from mlflow.models.model import ModelInfo
from mlflow.types import Schema, TensorSpec

from secateur import manifest
from secateur.tracking.card import Card

FOLDER = "extra_files"
"""Where the folder of the saved model lies in MLflow's, unchanged."""

_REQUIREMENTS = ["onnx", "onnxruntime", "numpy"]


def log(client: MlflowClient, run: str, folder: Path, card: Card) -> ModelInfo:
    """Log the model saved in ``folder`` with a run, and link it to the job's.

    Args:
        client: of the store; MLflow's global address must be the same.
        run: id of the run that publishes.
        folder: a saved model.
        card: what is to be said of it.
    """
    graph = onnx.load(folder / manifest.GRAPH)
    with mlflow.start_run(run_id=run, log_system_metrics=False):
        info = mlflow.onnx.log_model(
            graph,
            name="model",
            signature=signature(graph),
            input_example=card.example,
            # Inferring the requirements would load and run the model again.
            pip_requirements=_REQUIREMENTS,
            onnx_execution_providers=["CPUExecutionProvider"],
            extra_files=[str(path) for path in sorted(folder.iterdir())],
            save_as_external_data=False,
        )
        if card.figures:
            mlflow.log_metrics(dict(card.figures), model_id=info.model_id)
    if card.job is not None:
        client.log_outputs(card.job, [LoggedModelOutput(info.model_id, step=0)])
    return info


def signature(graph: onnx.ModelProto) -> ModelSignature:
    """Types and shapes of what goes in and comes out, -1 where any number will do.

    A lone input has no name in it, since MLflow would then refuse plain arrays.
    """
    inputs, outputs = _specs(graph.graph.input), _specs(graph.graph.output)
    if len(inputs) == 1:
        inputs = [TensorSpec(inputs[0].type, inputs[0].shape)]
    return ModelSignature(Schema(inputs), Schema(outputs))


def _specs(values: Iterable[onnx.ValueInfoProto]) -> list[TensorSpec]:
    specs = []
    for value in values:
        tensor = value.type.tensor_type
        shape = [
            place.dim_value if place.HasField("dim_value") else -1 for place in tensor.shape.dim
        ]
        kind = onnx.helper.tensor_dtype_to_np_dtype(tensor.elem_type)
        specs.append(TensorSpec(kind, shape, name=value.name))
    return specs
