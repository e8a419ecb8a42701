from __future__ import annotations

import gzip
import tracemalloc
import zlib

import pytest

from serving.compression import compressed, decompressed
from serving.errors import BadRequestError, ContentTooLargeError, UnsupportedMediaError

TEXT = b"0.1192029, 0.8807971, " * 100


@pytest.mark.parametrize(
    ("encoding", "body"),
    [
        ("", TEXT),
        ("identity", TEXT),
        ("gzip", gzip.compress(TEXT)),
        ("x-gzip", gzip.compress(TEXT)),
        ("deflate", zlib.compress(TEXT)),
    ],
)
def test_bodies_as_they_were(encoding: str, body: bytes) -> None:
    assert decompressed(body, encoding, len(TEXT)) == TEXT


def test_a_bomb_is_not_unpacked_beyond_the_limit() -> None:
    bomb = gzip.compress(bytes(10**8))
    tracemalloc.start()
    with pytest.raises(ContentTooLargeError, match="exceeds 1000 bytes"):
        decompressed(bomb, "gzip", 1000)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 10**6


@pytest.mark.parametrize("body", [b"", b"\x1f", gzip.compress(TEXT)[:-1], gzip.compress(TEXT) * 2])
def test_streams_that_are_not_one_whole(body: bytes) -> None:
    with pytest.raises(BadRequestError, match="gzip"):
        decompressed(body, "gzip", 10**6)


def test_an_unknown_encoding() -> None:
    with pytest.raises(UnsupportedMediaError, match="'br' is not supported"):
        decompressed(b"", "br", 1)


@pytest.mark.parametrize(
    ("accept", "encoding"),
    [
        ("gzip, deflate", "gzip"),
        ("deflate", "deflate"),
        ("GZIP;q=0.5", "gzip"),
        ("gzip;q=0, deflate;q=1.0", "deflate"),
        ("gzip; q=0.000", None),
        ("br", None),
        ("identity", None),
        ("", None),
    ],
)
def test_answers_as_their_client_takes_them(accept: str, encoding: str | None) -> None:
    content, headers = compressed(TEXT, accept)
    assert headers == ({"Content-Encoding": encoding} if encoding else {})
    assert decompressed(content, encoding or "", len(TEXT)) == TEXT


def test_short_answers_stay_as_they_are() -> None:
    assert compressed(b"short", "gzip") == (b"short", {})
