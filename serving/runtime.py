"""A saved classifier, run by ONNX Runtime."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Self, cast

import numpy as np
import onnxruntime
from numpy.typing import NDArray

from secateur import manifest
from secateur.errors import ArtifactError
from secateur.manifest import GRAPH, GRAPH_INPUT, GRAPH_OUTPUT, Manifest
from serving.errors import InferenceError

# Images in one run of the graph: bounds the memory of its intermediate results however
# many images a request, or a batch of requests, holds.
CHUNK = 64


class Classifier:
    """A manifest and the ONNX Runtime session of its graph.

    Safe to call from several threads.

    Attributes:
        manifest: what the model says of itself.
    """

    def __init__(self, content: Manifest, session: onnxruntime.InferenceSession) -> None:
        self.manifest = content
        self._session = session

    @classmethod
    def load(cls, folder: Path, threads: int = 1) -> Self:
        """Check a saved model, open it and run it once.

        Args:
            folder: a saved model, as ``secateur.manifest`` describes it.
            threads: threads within an operator; operators run one after another.

        Raises:
            ArtifactError: a file is missing or altered, the graph does not open, or its
                input and output are not those that the manifest promises.
        """
        content = manifest.read(folder)
        if GRAPH not in content.files:
            raise ArtifactError(f"{folder / GRAPH}: the manifest holds no digest of it")
        try:
            session = _session(folder / GRAPH, threads)
        except Exception as error:  # ONNX Runtime's exceptions share no narrower base
            raise ArtifactError(f"{folder / GRAPH}: does not open: {error}") from error
        _check_names(session, folder)
        classifier = cls(content, session)
        classifier._check_output(folder)
        return classifier

    @property
    def input_shape(self) -> tuple[int, int, int]:
        """(channels, height, width) of one image."""
        return self.manifest.architecture.input_shape

    @property
    def labels(self) -> tuple[str, ...]:
        """Names of the classes, in the order of the probabilities."""
        return self.manifest.labels

    def probabilities(self, images: NDArray[np.float32]) -> NDArray[np.float32]:
        """Classify images.

        Args:
            images: float32 of shape (n, channels, height, width), values in [0, 1].

        Returns:
            float32 of shape (n, classes); each row sums to 1.

        Raises:
            InferenceError: the graph failed, or returned values that are not finite.
        """
        chunks = [self._run(images[at : at + CHUNK]) for at in range(0, len(images), CHUNK)]
        return np.concatenate(chunks)

    def _run(self, images: NDArray[np.float32]) -> NDArray[np.float32]:
        try:
            (output,) = self._session.run([GRAPH_OUTPUT], {GRAPH_INPUT: images})
        except Exception as error:
            raise InferenceError("the model failed on this input") from error
        if not np.isfinite(output).all():
            raise InferenceError("the model returned values that are not finite")
        return cast(NDArray[np.float32], output)

    def _check_output(self, folder: Path) -> None:
        expected = (1, len(self.labels))
        try:
            output = self.probabilities(np.zeros((1, *self.input_shape), np.float32))
        except InferenceError as error:
            raise ArtifactError(f"{folder / GRAPH}: {error}, a black image") from error
        if output.shape != expected or output.dtype != np.float32:
            raise ArtifactError(
                f"{folder / GRAPH}: returns {output.dtype} of shape {output.shape}; "
                f"expected float32 of shape {expected}"
            )


def _session(graph: Path, threads: int) -> Any:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.execution_mode = onnxruntime.ExecutionMode.ORT_SEQUENTIAL
    # Idle threads that spin take the processor from the other replicas of a machine.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    options.log_severity_level = 3  # errors only
    return onnxruntime.InferenceSession(
        str(graph), sess_options=options, providers=["CPUExecutionProvider"]
    )


def _check_names(session: Any, folder: Path) -> None:
    found = (
        [(node.name, node.type) for node in session.get_inputs()],
        [node.name for node in session.get_outputs()],
    )
    if found != ([(GRAPH_INPUT, "tensor(float)")], [GRAPH_OUTPUT]):
        raise ArtifactError(
            f"{folder / GRAPH}: has inputs and outputs {found}; "
            f"expected float32 '{GRAPH_INPUT}' and '{GRAPH_OUTPUT}'"
        )
