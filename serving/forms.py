"""The file in an HTML form's upload.

Bodies are bounded and whole in memory by the time they come here, so splitting at the
boundary is all it takes; FastAPI's form support would need one more dependency.
"""

from __future__ import annotations

from email.message import Message

from serving.errors import BadRequestError


def uploaded_file(content_type: str, body: bytes) -> bytes:
    """The content of the file that a request body carries.

    Args:
        content_type: the request's header, possibly empty.
        body: the request's body.

    Returns:
        For ``multipart/form-data`` (RFC 7578) the first part with a file name; for any
        other content type the body itself.

    Raises:
        BadRequestError: a form without boundary or without file.
    """
    header = _header(content_type)
    if header.get_content_type() != "multipart/form-data":
        return body
    boundary = header.get_boundary()
    if not boundary:
        raise BadRequestError("the form has no boundary")
    # A delimiter begins with the line break before it; the first has none.
    for part in (b"\r\n" + body).split(b"\r\n--" + boundary.encode("latin-1"))[1:]:
        head, separator, content = part.partition(b"\r\n\r\n")
        if separator and _has_file(head):
            return content
    raise BadRequestError("the form holds no file")


def _has_file(head: bytes) -> bool:
    for line in head.decode("latin-1").splitlines():
        name, _, value = line.partition(":")
        if name.strip().lower() == "content-disposition":
            message = Message()
            message["Content-Disposition"] = value.strip()
            return message.get_filename() is not None
    return False


def _header(content_type: str) -> Message:
    message = Message()
    message["Content-Type"] = content_type
    return message
