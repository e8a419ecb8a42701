"""A saved generator, run by ONNX Runtime."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from secateur.errors import ArtifactError
from secateur.manifest import IMAGES_OUTPUT, NOISE_INPUT, Manifest, ServedPrecision
from serving.network import Network

# Of values in [0, 1] that float32 arithmetic left a little outside.
_TOLERANCE = 1e-3


class Generator(Network):
    """Noise in, images out."""

    task = "generation"
    input_name = NOISE_INPUT
    output_name = IMAGES_OUTPUT
    # Matrix products of one row and of many round differently: one by one, an image does not
    # depend on those that it was asked for with.
    chunk = 1

    def __init__(self, content: Manifest, session: Any, precision: ServedPrecision) -> None:
        super().__init__(content, session, precision)
        self._latent = session.get_inputs()[0].shape[-1]

    @property
    def input_shape(self) -> tuple[int]:
        """The number of values that an image is made of."""
        return (self._latent,)

    @property
    def output_shape(self) -> tuple[int, int, int]:
        """(channels, height, width) of one image."""
        return self.manifest.architecture.input_shape

    def noise(self, count: int, seed: int) -> NDArray[np.float32]:
        """What ``count`` images are made of.

        The values are those of NumPy's ``default_rng(seed).standard_normal``, drawn row by
        row: the first rows are the same however many there are.  NumPy keeps this stream by
        custom but does not promise it; a test holds it to values that were written down.

        Args:
            count: at least 1.
            seed: 0 or more.

        Returns:
            float32 of shape (count, latent).
        """
        shape = (count, self._latent)
        return np.random.default_rng(seed).standard_normal(shape).astype(np.float32)

    @classmethod
    def _check_names(cls, session: Any, graph: Path) -> None:
        super()._check_names(session, graph)
        match session.get_inputs()[0].shape:
            case [_, int()]:
                return
            case shape:
                raise ArtifactError(
                    f"{graph}: '{cls.input_name}' has shape {shape}; expected (n, a fixed number)"
                )

    def probe(self) -> NDArray[np.float32]:
        """Noise, since every image of one noise would be the same."""
        return self.noise(4, 0)

    def _check_output(self, graph: Path) -> NDArray[np.float32]:
        images = super()._check_output(graph)
        least, most = float(images.min()), float(images.max())
        if least < -_TOLERANCE or most > 1 + _TOLERANCE:
            raise ArtifactError(
                f"{graph}: makes pixels from {least:g} to {most:g}; expected values in [0, 1]"
            )
        return images
