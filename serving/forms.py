"""The files in an HTML form's upload.

Bodies are bounded and whole in memory by the time they come here, so splitting at the
boundary is all it takes; FastAPI's form support would need one more dependency.
"""

from __future__ import annotations

from email.message import Message

from serving.errors import BadRequestError, ContentTooLargeError

# Heads of parts, and headers that announce a form, are short; the standard library's parser
# takes the square of their length.
_LONGEST_HEAD = 1024
# Parts of a form that are not files.
_MAX_FIELDS = 32


def uploaded_files(content_type: str, body: bytes, max_files: int) -> list[bytes]:
    """The content of the files that a request body carries, at least one.

    Args:
        content_type: the request's header, possibly empty.
        body: the request's body.
        max_files: that a form may hold.

    Returns:
        For ``multipart/form-data`` (RFC 7578) the parts with a file name; for any other
        content type the body itself.

    Raises:
        BadRequestError: a form without boundary or without file.
        ContentTooLargeError: a form of too many files or other fields.
    """
    header = _header(content_type[:_LONGEST_HEAD])
    if header.get_content_type() != "multipart/form-data":
        return [body]
    # As it stands: in a coded form (RFC 2231) it could name any of Python's codecs.
    boundary = header.get_param("boundary")
    if not isinstance(boundary, str) or not boundary.rstrip():
        raise BadRequestError("the form has no boundary")
    # A delimiter begins with the line break before it; the first has none.
    delimiter = b"\r\n--" + boundary.rstrip().encode("latin-1", "replace")
    most = max_files + _MAX_FIELDS
    parts = (b"\r\n" + body).split(delimiter, most + 2)[1:]
    if len(parts) > most + 1:
        raise ContentTooLargeError(f"the form has more than {most} parts")
    files = []
    for part in parts:
        head, separator, content = part.partition(b"\r\n\r\n")
        if separator and _has_file(head):
            files.append(content)
    if not files:
        raise BadRequestError("the form holds no file")
    if len(files) > max_files:
        raise ContentTooLargeError(f"{len(files)} images in a request; at most {max_files}")
    return files


def _has_file(head: bytes) -> bool:
    if len(head) > _LONGEST_HEAD:
        raise BadRequestError(f"the head of a part exceeds {_LONGEST_HEAD} bytes")
    for line in head.decode("latin-1").splitlines():
        name, _, value = line.partition(":")
        if name.strip().lower() == "content-disposition":
            message = Message()
            message["Content-Disposition"] = value.strip()
            return message.get_param("filename", header="content-disposition") is not None
    return False


def _header(content_type: str) -> Message:
    message = Message()
    message["Content-Type"] = content_type
    return message
