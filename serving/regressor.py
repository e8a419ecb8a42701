"""A saved regression, run by ONNX Runtime."""

from __future__ import annotations

from secateur.manifest import GRAPH_INPUT, VALUES_OUTPUT
from serving.network import Network


class Regressor(Network):
    """Images or other numbers in, values out."""

    task = "regression"
    input_name = GRAPH_INPUT
    output_name = VALUES_OUTPUT

    @property
    def input_shape(self) -> tuple[int, int, int]:
        """(channels, height, width) of one input."""
        return self.manifest.architecture.input_shape

    @property
    def output_shape(self) -> tuple[int]:
        """One value."""
        return (1,)
