"""How much one request may ask for."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Limits:
    """Bounds on one request.

    Attributes:
        body_bytes: size of a request body.
        image_pixels: width times height of an uploaded picture, before it is decoded.
    """

    body_bytes: int = 10 * 2**20
    image_pixels: int = 16 * 2**20
