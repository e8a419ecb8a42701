"""What a generator is asked for, and what it answers in JSON: for the server and its clients."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, Literal, Self

from pydantic import Field, ValidationError

from secateur.records import Record
from serving.errors import BadRequestError
from serving.protocol import field_error

Format = Literal["png", "json", "zip"]

# The answer's header that tells the seed.
SEED: Final = "X-Seed"
# That which tells how many images were made to find those that are valid, where asked for.
TRIED: Final = "X-Tried"
MEDIA_TYPES: Final[Mapping[Format, str]] = {
    "png": "image/png",
    "json": "application/json",
    "zip": "application/zip",
}
# The largest whole number that every reader of JSON keeps exactly.
MOST_SEED: Final = 2**53 - 1


class GenerateRequest(Record):
    """Body of a request for images.

    Attributes:
        n: how many; the server's limit ``images`` bounds them.
        seed: of the noise that they are made of; one is drawn, and told, where absent.
        valid: whether images that fail the model's test of validity are made again.
        format: ``png`` for one picture with all of them in a grid, ``json`` for an
            ``Images``, ``zip`` for an archive of PNG files; what the request's ``Accept``
            names where absent, a grid where that names none of them.
    """

    n: int = Field(default=1, ge=1, strict=True)
    seed: int | None = Field(default=None, ge=0, le=MOST_SEED, strict=True)
    valid: bool = Field(default=False, strict=True)
    format: Format | None = None

    @classmethod
    def parse(cls, body: bytes) -> Self:
        """Read a body; an empty one asks for one image.

        Raises:
            BadRequestError: another body; names the field.
        """
        try:
            return cls.from_json(body or b"{}")
        except ValidationError as error:
            raise BadRequestError(field_error(error)) from None

    def format_for(self, accept: str) -> Format:
        """The format asked for, by ``format`` or else by the first match of ``accept``."""
        if self.format:
            return self.format
        by_type: dict[str, Format] = {kind: name for name, kind in MEDIA_TYPES.items()}
        for part in accept.lower().split(","):
            if found := by_type.get(part.partition(";")[0].strip()):
                return found
        return "png"


class Images(Record):
    """Generated images.

    Attributes:
        model: name of the model that made them.
        version: of that model.
        seed: of the noise that they are made of.
        images: a PNG file each, in base64.
    """

    model: str
    version: str
    seed: int
    images: tuple[str, ...]
