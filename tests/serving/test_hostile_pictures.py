"""Pictures that mean harm, or are just broken: the right status and one line, always."""

from __future__ import annotations

import gzip
import io
import struct
import zlib

import pytest
from PIL import Image

from tests.serving.kinds import Refused, Send

CLASSIFY = "/v1/models/brightness/classify"
MULTIPART = "multipart/form-data; boundary=x"
FORM = b"--x\r\nContent-Disposition: form-data; name=a; filename=a.png\r\n\r\n%s\r\n--x--\r\n"
BOMB = gzip.compress(bytes(10**7))
SVG = b"<svg xmlns='http://www.w3.org/2000/svg'/>"
EPS = b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 4 4\n"


def picture(
    mode: str = "L", size: tuple[int, int] = (4, 4), kind: str = "PNG", **k: object
) -> bytes:
    file = io.BytesIO()
    Image.new(mode, size).save(file, kind, **k)
    return file.getvalue()


def png_of(width: int, height: int) -> bytes:
    """A PNG whose header promises other sizes than its pixels have."""
    bomb = bytearray(picture("1"))
    bomb[16:24] = struct.pack(">II", width, height)
    bomb[29:33] = struct.pack(">I", zlib.crc32(bomb[12:29]))
    return bytes(bomb)


def gif_frame_beyond_its_screen() -> bytes:
    content = bytearray(picture(kind="GIF"))
    at = content.index(b"\x2c\0\0\0\0")  # image descriptor: left, top, width, height
    content[at + 5 : at + 9] = struct.pack("<HH", 60_000, 60_000)
    return bytes(content)


def jpeg_of_many_scans() -> bytes:
    content = picture(kind="JPEG", progressive=True)
    at = content.rindex(b"\xff\xda")
    scan = content[at:-2]
    return content[:at] + 200 * scan + content[-2:]


def jpeg_of_several_pictures() -> bytes:
    """What tells a JPEG that holds two, as an MPO does; the first is of many scans."""
    file = io.BytesIO()
    Image.new("L", (4, 4)).save(file, "MPO", save_all=True, append_images=[Image.new("L", (4, 4))])
    content, many = file.getvalue(), jpeg_of_many_scans()
    at = content.index(b"\xff\xe2")
    told = content[at : at + 2 + int.from_bytes(content[at + 2 : at + 4], "big")]
    return many[:2] + told + many[2:]


def upload(content: bytes, kind: str = "image/png", **headers: str) -> dict[str, object]:
    return {"content": content, "headers": {"Content-Type": kind} | headers}


def form(content: bytes) -> dict[str, object]:
    return upload(FORM % content, MULTIPART)


def sized(length: str) -> dict[str, object]:
    return upload(b"x", **{"Content-Length": length})


# What is sent, the status, and words of the answer.
CASES: dict[str, tuple[dict[str, object], int, str]] = {
    "no picture": (upload(b""), 415, "not a readable picture"),
    "a zero byte as picture": (upload(b"\0"), 415, "not a readable picture"),
    "words as picture": (upload(b"words"), 415, "not a readable picture"),
    "half a picture": (upload(picture()[:45]), 415, "not a readable picture"),
    "a JPEG of its head": (upload(picture(kind="JPEG")[:200]), 415, "not a readable"),
    "a TIFF": (upload(picture(kind="TIFF")), 415, "not a readable picture"),
    "an SVG": (upload(SVG), 415, "not a readable"),
    "PostScript": (upload(EPS), 415, "not"),
    "a bomb": (upload(png_of(13_000, 13_000)), 413, "pixels"),
    "a bomb by one pixel": (upload(png_of(101, 100)), 413, "101 x 100 pixels"),
    "a bomb of 2**31": (upload(png_of(2**31 - 1, 2**31 - 1)), 413, "pixels"),
    "a picture without height": (upload(png_of(4, 0)), 415, "not a readable picture"),
    "a frame beyond its screen": (upload(gif_frame_beyond_its_screen()), 413, "pixels"),
    "a JPEG of many scans": (upload(jpeg_of_many_scans()), 413, "more than 32 scans"),
    "several pictures of many scans": (
        upload(jpeg_of_several_pictures()),
        413,
        "more than 32 scans",
    ),
    "JSON as picture": (upload(b"{}", "application/json"), 415, "'application/json'"),
    "a web page": (upload(b"<html>", "text/html"), 415, "'text/html' is not taken"),
    "a form without boundary": (upload(b"x", "multipart/form-data"), 400, "no boundary"),
    "a form without file": (
        upload(b"--x\r\n\r\nwords\r\n--x--", MULTIPART),
        400,
        "no file",
    ),
    "a form of text": (form(b"words"), 415, "not a readable picture"),
    "a form of a long head": (
        upload(b"--x\r\n" + b";" * 9000 + b"\r\n\r\n", MULTIPART),
        400,
        "head of a part exceeds",
    ),
    "a form of many parts": (
        upload(b"\r\n--x" * 3000, MULTIPART),
        413,
        "more than 40 parts",
    ),
    "a form of nine pictures": (
        {"files": [("a", ("a.png", picture()))] * 9},
        413,
        "9 images in a request; at most 8",
    ),
    "pictures that are large together": (
        {"files": [("a", ("a.png", picture(size=(60, 60))))] * 3},
        413,
        "60 x 60 pixels; at most 2800",
    ),
    "a compressed bomb of a picture": (
        upload(BOMB, **{"Content-Encoding": "gzip"}),
        413,
        "decompressed body exceeds",
    ),
    "a wrong content length": (sized("x"), 400, "not a number"),
    "a content length of 5,000 digits": (
        sized("9" * 5000),
        400,
        "not a number",
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_pictures(send: Send, refused: Refused, name: str) -> None:
    request, status, words = CASES[name]
    refused(send("POST", CLASSIFY, **request), status, words)


# What looks odd and is not: these are answered.
ODD = {
    "animated": lambda: picture(kind="GIF", save_all=True, append_images=[Image.new("L", (4, 4))]),
    "CMYK": lambda: picture("CMYK", kind="JPEG"),
    "16 bits": lambda: picture("I;16"),
    "palette": lambda: picture("P"),
    "transparent": lambda: picture("RGBA"),
    "one pixel": lambda: picture(size=(1, 1)),
    "a line": lambda: picture(size=(10_000, 1)),
    "progressive": lambda: picture(kind="JPEG", progressive=True),
    "WebP": lambda: picture("RGB", kind="WEBP"),
}


@pytest.mark.parametrize("name", ODD)
def test_odd_pictures_are_answered(send: Send, name: str) -> None:
    answer = send("POST", CLASSIFY, content=ODD[name]())
    assert answer.status_code == 200, answer.text
