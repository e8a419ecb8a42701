"""A saved generator, run by ONNX Runtime."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

import numpy as np
from numpy.typing import NDArray
from pydantic import ValidationError

from secateur.errors import ArtifactError
from secateur.manifest import IMAGES_OUTPUT, NOISE_INPUT, VALIDITY, Manifest, ServedPrecision
from serving.errors import InferenceError
from serving.network import Network

if TYPE_CHECKING:
    from secateur.judging.validity import ValidityRule

# Of values in [0, 1] that float32 arithmetic left a little outside.
_TOLERANCE = 1e-3


class Generator(Network):
    """Noise in, images out.

    Attributes:
        rule: tells images that could be real from others, where the model was saved with that.
    """

    task = "generation"
    input_name = NOISE_INPUT
    output_name = IMAGES_OUTPUT
    chunk = 16

    def __init__(self, content: Manifest, session: Any, precision: ServedPrecision) -> None:
        super().__init__(content, session, precision)
        self._latent = session.get_inputs()[0].shape[-1]
        self.rule: ValidityRule | None = None
        self._together = False

    @classmethod
    def open(
        cls,
        folder: Path,
        content: Manifest,
        threads: int = 1,
        precision: ServedPrecision = "float32",
    ) -> Self:
        """As ``Network.open``, with the model's test of validity."""
        generator = super().open(folder, content, threads, precision)
        generator._together = generator._rounds_alike()
        if VALIDITY in content.files:
            generator.rule = _rule(folder / VALIDITY)
        return generator

    def run(self, rows: NDArray[np.float32]) -> NDArray[np.float32]:
        """As ``Network.run``; an image does not depend on those that it was asked for with.

        Sums of one row and of many may be rounded differently, and a seed's images must not
        change with their number.  So ``chunk`` rows are run together, several times as fast as
        one by one, where that changes no bit; all others are run one by one.
        """
        whole = len(rows) // self.chunk * self.chunk if self._together else 0
        parts = [self._run(rows[at : at + self.chunk]) for at in range(0, whole, self.chunk)]
        parts += [self._run(rows[at : at + 1]) for at in range(whole, len(rows))]
        return np.concatenate(parts)

    def _rounds_alike(self) -> bool:
        """Whether each row of a chunk comes out as it does alone: a matter of shapes alone."""
        rows = self.noise(self.chunk, 0)
        try:
            return np.array_equal(self.run(rows), self._run(rows))
        except InferenceError:  # the graph takes one row at a time
            return False

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
        return self.stream(seed)(count)

    def stream(self, seed: int) -> Callable[[int], NDArray[np.float32]]:
        """The ``noise`` of a seed part by part: called again, it gives the rows that follow."""
        random = np.random.default_rng(seed)
        return lambda count: random.standard_normal((count, self._latent)).astype(np.float32)

    def passes(self, pixels: NDArray[np.float32]) -> NDArray[np.bool_]:
        """Whether each image (n, channels, height, width) passes ``rule``, as its PNG shows it."""
        from secateur.judging.validity import valid

        assert self.rule is not None, "only models with a test are asked"
        return valid(np.rint(pixels * 255).clip(0, 255).astype(np.uint8), self.rule)

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


def _rule(file: Path) -> ValidityRule:
    # Circles are looked for by OpenCV, which few servers need.
    from secateur.judging.validity import ValidityRule

    try:
        return ValidityRule.from_json(file.read_bytes())
    except ValidationError as error:
        raise ArtifactError(f"{file}: no test of validity: {error.errors()[0]['msg']}") from None
