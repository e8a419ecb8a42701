"""Request bodies, read within the limits."""

from __future__ import annotations

import asyncio

from starlette.requests import Request

from serving.admission import Place
from serving.compression import check_encoding, decompressed
from serving.errors import (
    BadRequestError,
    ContentTooLargeError,
    LateBodyError,
    UnsupportedMediaError,
)
from serving.limits import Limits

# Longer numbers of bytes are wrong whatever the limit, and slow to read.
_MAX_DIGITS = 18


async def read_body(request: Request, limits: Limits, place: Place) -> bytes:
    """Read a request's body, and decompress it.

    FastAPI's own ``max_body_size`` answers in plain text, which no client of the
    inference protocol expects.

    Raises:
        ContentTooLargeError: more than ``limits.body_bytes``; a declared length is refused
            at once, before any of the body is read.
        LateBodyError: the body did not arrive in ``limits.body_seconds``.
        OverloadedError: all requests together hold too many bytes.
        UnsupportedMediaError: an encoding other than gzip and deflate.
        BadRequestError: the body is not what its encoding says.
    """
    encoding = request.headers.get("content-encoding", "").strip().lower()
    check_encoding(encoding)
    declared = length(request, "content-length")
    if declared is not None and declared > limits.body_bytes:
        raise _too_large(limits)
    try:
        async with asyncio.timeout(limits.body_seconds):
            body = await _read(request, limits, place)
    except TimeoutError:
        raise LateBodyError(f"no whole body after {limits.body_seconds:g} seconds") from None
    content = decompressed(body, encoding, limits.body_bytes)
    place.hold(max(0, len(content) - len(body)))
    return content


async def _read(request: Request, limits: Limits, place: Place) -> bytes:
    body = bytearray()
    async for chunk in request.stream():
        if len(body) + len(chunk) > limits.body_bytes:
            raise _too_large(limits)
        place.hold(len(chunk))
        body += chunk
    return bytes(body)


def length(request: Request, header: str) -> int | None:
    """A header's number of bytes, where there is one.

    Raises:
        BadRequestError: something else than a number.
    """
    text = request.headers.get(header)
    if text is None:
        return None
    if not (text.isascii() and text.isdecimal() and len(text) <= _MAX_DIGITS):
        raise BadRequestError(f"{header} '{text[:40]}' is not a number of bytes")
    return int(text)


def check_type(request: Request, accepted: tuple[str, ...]) -> None:
    """Refuse a body of another content type than those named, ``*`` ending a name.

    A body without type is taken for what it should be.

    Raises:
        UnsupportedMediaError: the type is another.
    """
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    for pattern in ("", *accepted):
        if kind == pattern or (pattern.endswith("*") and kind.startswith(pattern[:-1])):
            return
    raise UnsupportedMediaError(
        f"Content-Type '{kind[:40]}' is not taken here; expected {' or '.join(accepted)}"
    )


def _too_large(limits: Limits) -> ContentTooLargeError:
    return ContentTooLargeError(f"the body exceeds {limits.body_bytes} bytes")
