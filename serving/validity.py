"""Images that pass the validity test of their model: those that fail are made again."""

from __future__ import annotations

import asyncio
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from serving.catalogue import Model
from serving.errors import BadRequestError, InferenceError
from serving.expectations import network_of
from serving.generator import Generator

_TRIES_EACH: Final = 100
_LEAST_AT_ONCE: Final = 8
_MOST_AT_ONCE: Final = 64


class Passed(NamedTuple):
    """Images that pass.

    Attributes:
        pixels: float32 (n, channels, height, width) in [0, 1].
        tried: images that were made to find them, the last of them included.
    """

    pixels: NDArray[np.float32]
    tried: int


async def valid_images(model: Model, count: int, seed: int) -> Passed:
    """The first images of a seed that pass, as ``judging.rejection.sample_valid`` finds them.

    Args:
        model: a generator that was saved with a test.
        count: at least 1.
        seed: 0 or more.

    Raises:
        BadRequestError: there is no test of this model's images.
        InferenceError: fewer than one in a hundred passed.
    """
    generator = network_of(model, Generator)
    if generator.rule is None:
        raise BadRequestError(
            f"model '{model.name}' has no test of validity; expected \"valid\": false"
        )
    stream, most = generator.stream(seed), _TRIES_EACH * count
    kept: list[NDArray[np.float32]] = []
    tried = 0
    while tried < most:
        at_once = min(max(_LEAST_AT_ONCE, count - len(kept)), _MOST_AT_ONCE, most - tried)
        pixels = await model.predict(stream(at_once))
        # OpenCV lets go of the interpreter's lock while it looks for circles.
        passed = np.flatnonzero(await asyncio.to_thread(generator.passes, pixels))
        wanted = passed[: count - len(kept)]
        kept += list(pixels[wanted])
        if len(kept) == count:
            return Passed(np.stack(kept), tried + int(wanted[-1]) + 1)
        tried += at_once
    raise InferenceError(
        f"{len(kept)} of {most} images of seed {seed} passed the test of validity; "
        f"expected {count}: another seed, or a better model"
    )
