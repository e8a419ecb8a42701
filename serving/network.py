"""A saved network, run by ONNX Runtime: what classifiers and generators share."""

from __future__ import annotations

from abc import ABC, abstractmethod
from pathlib import Path
from typing import Any, ClassVar, Self, cast

import numpy as np
import onnxruntime
from numpy.typing import NDArray

from secateur import manifest
from secateur.errors import ArtifactError
from secateur.manifest import Manifest, ServedPrecision, Task, Variant
from secateur.records import AnyFigures
from serving.errors import InferenceError


class Network(ABC):
    """A manifest and the ONNX Runtime session of its graph: one tensor in, one out.

    Safe to call from several threads.

    Attributes:
        task: what networks of this kind do.
        input_name: of the graph's input.
        output_name: of the graph's output.
        chunk: rows in one run of the graph: bounds the memory of its intermediate results
            however many rows a request, or a batch of requests, holds.
        manifest: what the model says of itself.
        precision: of the graph that runs.
    """

    task: ClassVar[Task]
    input_name: ClassVar[str]
    output_name: ClassVar[str]
    chunk: ClassVar[int] = 64

    def __init__(self, content: Manifest, session: Any, precision: ServedPrecision) -> None:
        self.manifest = content
        self.precision = precision
        self._session = session

    @classmethod
    def load(cls, folder: Path, threads: int = 1, precision: ServedPrecision = "float32") -> Self:
        """Check a saved model, open it and run it once.

        Args:
            folder: a saved model, as ``secateur.manifest`` describes it.
            threads: threads within an operator; operators run one after another.
            precision: of the graph to run.

        Raises:
            ArtifactError: a file is missing or altered, the model has no graph in that
                precision, the graph does not open, or its input and output are not those
                that the manifest promises.
        """
        return cls.open(folder, manifest.read(folder), threads, precision)

    @classmethod
    def open(
        cls,
        folder: Path,
        content: Manifest,
        threads: int = 1,
        precision: ServedPrecision = "float32",
    ) -> Self:
        """``load`` a model whose manifest has been read, and its files checked, already."""
        name = _variant(folder, content, precision).graph
        graph = folder / name
        if name not in content.files:
            raise ArtifactError(f"{graph}: the manifest holds no digest of it")
        try:
            session = _session(graph, threads)
        except Exception as error:  # ONNX Runtime's exceptions share no narrower base
            raise ArtifactError(f"{graph}: does not open: {error}") from error
        cls._check_names(session, graph)
        network = cls(content, session, precision)
        network._check_output(graph)
        return network

    @property
    def figures(self) -> AnyFigures | None:
        """Of the graph that runs, on the test split, where it has been measured."""
        return self.manifest.variant(self.precision).figures

    @property
    @abstractmethod
    def input_shape(self) -> tuple[int, ...]:
        """Shape of one row of the input."""

    @property
    @abstractmethod
    def output_shape(self) -> tuple[int, ...]:
        """Shape of one row of the output."""

    def run(self, rows: NDArray[np.float32]) -> NDArray[np.float32]:
        """Run the graph.

        Args:
            rows: float32 of shape (n, *input_shape), n >= 1.

        Returns:
            float32 of shape (n, *output_shape), every value finite.

        Raises:
            InferenceError: the graph failed, or returned values that are not finite.
        """
        size = self.chunk
        return np.concatenate([self._run(rows[at : at + size]) for at in range(0, len(rows), size)])

    def _run(self, rows: NDArray[np.float32]) -> NDArray[np.float32]:
        try:
            (output,) = self._session.run([self.output_name], {self.input_name: rows})
        except Exception as error:
            raise InferenceError("the model failed on this input") from error
        if not np.isfinite(output).all():
            raise InferenceError("the model returned values that are not finite")
        return cast(NDArray[np.float32], output)

    def probe(self) -> NDArray[np.float32]:
        """Input to try the graph on."""
        return np.zeros((1, *self.input_shape), np.float32)

    @classmethod
    def _check_names(cls, session: Any, graph: Path) -> None:
        found = (
            [(node.name, node.type) for node in session.get_inputs()],
            [node.name for node in session.get_outputs()],
        )
        if found != ([(cls.input_name, "tensor(float)")], [cls.output_name]):
            raise ArtifactError(
                f"{graph}: has inputs and outputs {found}; "
                f"expected float32 '{cls.input_name}' and '{cls.output_name}'"
            )

    def _check_output(self, graph: Path) -> NDArray[np.float32]:
        """What the graph makes of an input, held to what the manifest promises."""
        rows = self.probe()
        expected = (len(rows), *self.output_shape)
        try:
            output = self.run(rows)
        except InferenceError as error:
            raise ArtifactError(f"{graph}: {error}, made to try it") from error
        if output.shape != expected or output.dtype != np.float32:
            raise ArtifactError(
                f"{graph}: returns {output.dtype} of shape {output.shape}; "
                f"expected float32 of shape {expected}"
            )
        return output


def _variant(folder: Path, content: Manifest, precision: ServedPrecision) -> Variant:
    try:
        return content.variant(precision)
    except ArtifactError as error:
        raise ArtifactError(f"{folder}: {error}") from None


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
