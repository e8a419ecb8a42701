from __future__ import annotations

import httpx
import pytest

from serving.errors import BadRequestError
from serving.forms import uploaded_file

CONTENT = bytes(range(256)) + b"\r\n--not a delimiter\r\n\r\n--"


def form(**fields: object) -> tuple[str, bytes]:
    """A form as httpx encodes it."""
    request = httpx.Request("POST", "http://test", **fields)
    return request.headers["content-type"], request.read()


def test_any_other_body_is_the_file() -> None:
    for content_type in ("", "image/png", "application/x-www-form-urlencoded"):
        assert uploaded_file(content_type, CONTENT) == CONTENT


def test_a_form_of_one_file() -> None:
    assert uploaded_file(*form(files={"image": ("a.png", CONTENT)})) == CONTENT


def test_the_first_file_among_other_fields() -> None:
    files = {"image": ("a.png", CONTENT), "second": ("b.png", b"other")}
    assert uploaded_file(*form(data={"note": "words"}, files=files)) == CONTENT


def test_an_empty_file() -> None:
    assert uploaded_file(*form(files={"image": ("a.png", b"")})) == b""


def test_quoted_boundary_and_preamble() -> None:
    body = (
        b"preamble\r\n--a b\r\ncontent-disposition: form-data; name=x; filename*=UTF-8''%C3%A9.png"
        b"\r\n\r\nbytes\r\n--a b--\r\nepilogue"
    )
    assert uploaded_file('multipart/form-data; boundary="a b"', body) == b"bytes"


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
        uploaded_file(content_type, body)
