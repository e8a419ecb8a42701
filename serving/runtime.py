"""A saved classifier, run by ONNX Runtime."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from secateur.manifest import GRAPH_INPUT, GRAPH_OUTPUT
from serving.network import Network

CHUNK = Network.chunk


class Classifier(Network):
    """Images in, probabilities of classes out."""

    task = "classification"
    input_name = GRAPH_INPUT
    output_name = GRAPH_OUTPUT

    @property
    def input_shape(self) -> tuple[int, int, int]:
        """(channels, height, width) of one image."""
        return self.manifest.architecture.input_shape

    @property
    def output_shape(self) -> tuple[int]:
        """The number of classes."""
        return (len(self.labels),)

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
        return self.run(images)
