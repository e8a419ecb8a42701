"""What a route expects of a model, and of the size of its answer."""

from __future__ import annotations

import math
from typing import TypeVar

import numpy as np

from serving.admission import Place
from serving.catalogue import Model
from serving.errors import BadRequestError, ContentTooLargeError
from serving.generator import Generator
from serving.limits import Limits
from serving.network import Network

Kind = TypeVar("Kind", bound=Network)


def network_of(model: Model, kind: type[Kind]) -> Kind:
    """The network of a model, of the kind that a route needs.

    Raises:
        BadRequestError: the model is of another kind.
    """
    if isinstance(model.network, kind):
        return model.network
    raise BadRequestError(
        f"model '{model.name}' is for {model.network.task}; expected one for {kind.task}"
    )


def check_size(network: Network, rows: int, limits: Limits, place: Place) -> None:
    """Hold room for the images that a generator will make; other answers are small.

    Args:
        network: that is asked.
        rows: images that it is asked for.
        limits: bounds on requests.
        place: of the request.

    Raises:
        ContentTooLargeError: more images or pixels than one request may ask for.
        OverloadedError: all requests together would hold too many bytes.
    """
    if not isinstance(network, Generator):
        return
    _, height, width = network.output_shape
    if rows > limits.images:
        raise ContentTooLargeError(f"{rows} images in a request; at most {limits.images}")
    if rows * height * width > limits.image_pixels:
        raise ContentTooLargeError(
            f"{rows} images of {width} x {height} pixels; at most {limits.image_pixels} "
            "pixels together are made"
        )
    place.hold(np.float32().itemsize * rows * math.prod(network.output_shape))
