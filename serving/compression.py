"""gzip and deflate, of bodies that come and answers that go."""

from __future__ import annotations

import gzip
import zlib
from typing import Final

from serving.errors import BadRequestError, ContentTooLargeError, UnsupportedMediaError

# zlib's name of the container: gzip's (RFC 1952), and zlib's own (RFC 1950), which is what
# HTTP calls deflate.
_CONTAINERS: Final = {"gzip": 31, "x-gzip": 31, "deflate": 15}
# Below one packet, compressing saves nothing.
_WORTH_BYTES = 1400
_FASTEST = 1


def check_encoding(encoding: str) -> None:
    """Refuse a ``Content-Encoding`` that ``decompressed`` does not know.

    Raises:
        UnsupportedMediaError: neither empty nor ``identity``, ``gzip`` or ``deflate``.
    """
    if encoding not in ("", "identity", *_CONTAINERS):
        raise UnsupportedMediaError(
            f"Content-Encoding '{encoding[:40]}' is not supported; expected gzip or deflate"
        )


def decompressed(body: bytes, encoding: str, max_bytes: int) -> bytes:
    """Undo a body's ``Content-Encoding``.

    Raises:
        UnsupportedMediaError: an encoding that is not known.
        BadRequestError: the body is not of this encoding, cut short, or goes on after its end.
        ContentTooLargeError: more than ``max_bytes``; no more than that is ever decompressed.
    """
    check_encoding(encoding)
    if encoding not in _CONTAINERS:
        return body
    stream = zlib.decompressobj(_CONTAINERS[encoding])
    try:
        content = stream.decompress(body, max_bytes + 1)
    except zlib.error:
        raise BadRequestError(f"the body is not valid {encoding}") from None
    if len(content) > max_bytes:
        raise ContentTooLargeError(f"the decompressed body exceeds {max_bytes} bytes")
    if not stream.eof or stream.unused_data:
        raise BadRequestError(f"the body is not one whole {encoding} stream")
    return content


def compressed(content: bytes, accept: str) -> tuple[bytes, dict[str, str]]:
    """Compress an answer, where its client takes that and it is worth while.

    Args:
        content: the answer.
        accept: the request's ``Accept-Encoding``, possibly empty.

    Returns:
        What to send, and the headers that say so.
    """
    accepted = _accepted(accept)
    if len(content) < _WORTH_BYTES:
        return content, {}
    if "gzip" in accepted:
        return gzip.compress(content, _FASTEST, mtime=0), {"Content-Encoding": "gzip"}
    if "deflate" in accepted:
        return zlib.compress(content, _FASTEST), {"Content-Encoding": "deflate"}
    return content, {}


def _accepted(accept: str) -> set[str]:
    """Names of the header, less those that its weight of zero refuses."""
    names = set()
    for part in accept.lower().split(","):
        name, _, weight = part.partition(";")
        if weight.replace(" ", "") not in ("q=0", "q=0.0", "q=0.00", "q=0.000"):
            names.add(name.strip())
    return names
