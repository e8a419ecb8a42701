"""How much a request, and all requests together, may ask for."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Self

from pydantic import Field, ValidationError

from secateur.errors import SpecError, nearest
from secateur.records import Record


class Limits(Record):
    """Bounds on one request, and on what a replica takes at a time.

    Attributes:
        body_bytes: size of a request body, as sent and again once decompressed.
        json_bytes: of a body, or its beginning, that is JSON, which takes many times its
            size in memory and far longer to read than binary tensors.
        image_pixels: width times height of an uploaded picture, before it is decoded; of
            all pictures of a request together, and of those that it asks for.
        images: in one request: rows of a tensor, files of a form, or images to make.
        body_seconds: for a body to arrive.
        answer_seconds: for a model to answer, waiting for its turn included.
        requests: classified at a time by one replica; one more is turned away.
        held_bytes: of the bodies of those requests together, and of the images made for them.
    """

    body_bytes: int = Field(default=10 * 2**20, ge=1)
    json_bytes: int = Field(default=4 * 2**20, ge=1)
    image_pixels: int = Field(default=16 * 2**20, ge=1)
    images: int = Field(default=256, ge=1)
    body_seconds: float = Field(default=10.0, gt=0)
    answer_seconds: float = Field(default=30.0, gt=0)
    requests: int = Field(default=128, ge=1)
    held_bytes: int = Field(default=256 * 2**20, ge=1)

    @classmethod
    def of(cls, assignments: Iterable[str], base: Self | None = None) -> Self:
        """``base``, or the defaults, changed by assignments such as ``body_bytes=1048576``.

        Raises:
            SpecError: no assignment, an unknown name, or a value that is no such limit.
        """
        values: dict[str, str] = {}
        for assignment in assignments:
            name, equals, value = assignment.partition("=")
            if not equals:
                raise SpecError("limit", assignment, "NAME=VALUE")
            if name not in cls.model_fields:
                raise SpecError("limit", name, nearest(name, cls.model_fields))
            values[name] = value
        try:
            return cls.model_validate((base or cls()).model_dump() | values)
        except ValidationError as error:
            name = str(error.errors()[0]["loc"][0])
            kind = "whole" if cls.model_fields[name].annotation is int else "finite"
            raise SpecError(name, values[name], f"a {kind} number above 0") from None
