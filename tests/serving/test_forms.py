from __future__ import annotations

import httpx
import pytest

from serving.errors import BadRequestError, ContentTooLargeError
from serving.forms import uploaded_files

CONTENT = bytes(range(256)) + b"\r\n--not a delimiter\r\n\r\n--"


def files_of(content_type: str, body: bytes) -> list[bytes]:
    return uploaded_files(content_type, body, 2)


def form(**fields: object) -> tuple[str, bytes]:
    """A form as httpx encodes it."""
    request = httpx.Request("POST", "http://test", **fields)
    return request.headers["content-type"], request.read()


def test_any_other_body_is_the_file() -> None:
    for content_type in ("", "image/png", "application/x-www-form-urlencoded"):
        assert files_of(content_type, CONTENT) == [CONTENT]


def test_a_form_of_one_file() -> None:
    assert files_of(*form(files={"image": ("a.png", CONTENT)})) == [CONTENT]


def test_the_files_among_other_fields() -> None:
    files = {"image": ("a.png", CONTENT), "second": ("b.png", b"other")}
    assert files_of(*form(data={"note": "words"}, files=files)) == [CONTENT, b"other"]


def test_an_empty_file() -> None:
    assert files_of(*form(files={"image": ("a.png", b"")})) == [b""]


def test_quoted_boundary_and_preamble() -> None:
    body = (
        b"preamble\r\n--a b\r\ncontent-disposition: form-data; name=x; filename*=UTF-8''%C3%A9.png"
        b"\r\n\r\nbytes\r\n--a b--\r\nepilogue"
    )
    assert files_of('multipart/form-data; boundary="a b"', body) == [b"bytes"]


@pytest.mark.parametrize(
    ("content_type", "body", "message"),
    [
        ("multipart/form-data", b"", "no boundary"),
        ("multipart/form-data; boundary=x", b"", "no file"),
        ("multipart/form-data; boundary=x", b"--x\r\n\r\nwords\r\n--x--", "no file"),
        ("multipart/form-data; boundary=x", b"--x--", "no file"),
        (
            "multipart/form-data; boundary=x",
            b'--x\r\nContent-Disposition: form-data; name="a"\r\n\r\nwords\r\n--x--',
            "no file",
        ),
    ],
)
def test_forms_without_file(content_type: str, body: bytes, message: str) -> None:
    with pytest.raises(BadRequestError, match=message):
        files_of(content_type, body)


@pytest.mark.parametrize("coded", ["idna''x", "undefined''x", "%00''x", "0*=idna''x"])
def test_names_in_codecs_that_fail_are_no_fault_of_the_server(coded: str) -> None:
    """RFC 2231 lets a parameter name its codec, and Python's raise what they like."""
    with pytest.raises(BadRequestError, match="no boundary"):
        files_of(f"multipart/form-data; boundary*={coded}", b"")
    head = f"Content-Disposition: form-data; name=a; filename*={coded}"
    body = b"--x\r\n" + head.encode() + b"\r\n\r\nbytes\r\n--x--"
    assert files_of("multipart/form-data; boundary=x", body) == [b"bytes"]


def test_more_files_than_allowed() -> None:
    files = [("image", (f"{number}.png", CONTENT)) for number in range(3)]
    with pytest.raises(ContentTooLargeError, match="3 images in a request; at most 2"):
        files_of(*form(files=files))


def test_more_parts_than_allowed() -> None:
    # Two files and 32 other fields are; the form's end is one part more.
    part = b"\r\n--x\r\nContent-Disposition: form-data; name=a\r\n\r\n"
    file = b"\r\n--x\r\nContent-Disposition: form-data; name=a; filename=b\r\n\r\n"
    kind = "multipart/form-data; boundary=x"
    assert files_of(kind, 2 * file + 32 * part + b"\r\n--x--") == [b"", b""]
    with pytest.raises(ContentTooLargeError, match="more than 34 parts"):
        files_of(kind, 2 * file + 33 * part + b"\r\n--x--")


def test_heads_that_take_long_to_read() -> None:
    head = b"Content-Disposition: form-data" + b";" * 5000
    with pytest.raises(BadRequestError, match="head of a part exceeds 1024 bytes"):
        files_of("multipart/form-data; boundary=x", b"--x\r\n" + head + b"\r\n\r\n")
    with pytest.raises(BadRequestError, match="no boundary"):
        files_of("multipart/form-data" + ";" * 5000 + "boundary=x", b"")
