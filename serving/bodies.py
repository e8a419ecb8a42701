"""Request bodies, read within a limit."""

from __future__ import annotations

from starlette.requests import Request

from serving.errors import ContentTooLargeError, UnsupportedMediaError


async def read_body(request: Request, max_bytes: int) -> bytes:
    """Read a request's body.

    FastAPI's own ``max_body_size`` answers in plain text, which no client of the
    inference protocol expects.

    Raises:
        ContentTooLargeError: more than ``max_bytes``; a declared length is refused at once,
            before any of the body is read.
        UnsupportedMediaError: the body is compressed.
    """
    encoding = request.headers.get("content-encoding", "identity")
    if encoding != "identity":
        raise UnsupportedMediaError(f"Content-Encoding '{encoding}' is not supported")
    declared = request.headers.get("content-length", "")
    if declared.isdecimal() and int(declared) > max_bytes:
        raise _too_large(max_bytes)
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > max_bytes:
            raise _too_large(max_bytes)
    return bytes(body)


def _too_large(max_bytes: int) -> ContentTooLargeError:
    return ContentTooLargeError(f"the body exceeds {max_bytes} bytes")
