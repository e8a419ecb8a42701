"""A client of the server, on the standard library alone.

It connects directly: proxies named in the environment are not asked, since one could not
reach a server on this machine's loopback.
"""

from __future__ import annotations

import json
from contextlib import closing, suppress
from dataclasses import dataclass
from http import HTTPStatus
from http.client import HTTPConnection, HTTPException, HTTPMessage, HTTPSConnection
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlsplit

from pydantic import ValidationError

from secateur.errors import SpecError, UserError, cause
from secateur.manifest import GRAPH_INPUT
from serving.errors import ServerResponseError, UnreachableError
from serving.generations import MEDIA_TYPES, SEED, TRIED, GenerateRequest
from serving.predictions import Prediction
from serving.protocol import DATATYPE

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

TIMEOUT_S = 30.0


@dataclass(frozen=True)
class Generated:
    """Images that a server made.

    Attributes:
        content: a file of the format that was asked for.
        seed: of the noise that they are made of.
        tried: how many were made to find those that are valid, where such were asked for.
    """

    content: bytes
    seed: int
    tried: int | None = None


@dataclass(frozen=True)
class _Answer:
    """An answer whose status is below 400."""

    status: int
    headers: HTTPMessage
    content: bytes


def classify(
    url: str, model: str, image: bytes, timeout: float = TIMEOUT_S, key: str | None = None
) -> Prediction:
    """Ask a server what a picture shows.

    Args:
        url: base URL of the server, e.g. ``http://127.0.0.1:8000``.
        model: name of the model.
        image: content of a PNG, JPEG, BMP, GIF or WebP file.
        timeout: seconds to wait for the connection, and for each part of the answer.
        key: API key, where the server asks for one.

    Raises:
        SpecError: ``url`` is no address.
        UnreachableError: no server answers at ``url``.
        ServerResponseError: the server refuses the request, or answers something else
            than a prediction.
    """
    path = f"/v1/models/{quote(model, safe='')}/classify"
    answer = _request(url, path, timeout, image, key)
    try:
        return Prediction.from_json(answer.content)
    except ValidationError as error:
        raise ServerResponseError(f"{url}{path}: answered no prediction", answer.status) from error


def infer(
    url: str,
    model: str,
    rows: NDArray[np.float32],
    timeout: float = TIMEOUT_S,
    key: str | None = None,
) -> list[float]:
    """Ask a server for what a classifier says of arrays that no picture can hold.

    Args:
        url: base URL of the server, e.g. ``http://127.0.0.1:8000``.
        model: name of the model.
        rows: (n, channels, height, width), pixels in [0, 1].
        timeout: seconds to wait for the connection, and for each part of the answer.
        key: API key, where the server asks for one.

    Returns:
        The probabilities of all classes, row after row.

    Raises:
        SpecError: ``url`` is no address.
        UnreachableError: no server answers at ``url``.
        ServerResponseError: the server refuses the request, or answers something else
            than one tensor.
    """
    path = f"/v2/models/{quote(model, safe='')}/infer"
    tensor = {"name": GRAPH_INPUT, "shape": rows.shape, "datatype": DATATYPE}
    body = json.dumps({"inputs": [tensor | {"data": rows.ravel().tolist()}]}).encode()
    answer = _request(url, path, timeout, body, key, "application/json")
    try:
        (found,) = json.loads(answer.content)["outputs"]
        return [float(value) for value in found["data"]]
    except (ValueError, KeyError, TypeError) as error:
        raise ServerResponseError(f"{url}{path}: answered no tensor", answer.status) from error


def generate(
    url: str,
    model: str,
    asked: GenerateRequest,
    timeout: float = TIMEOUT_S,
    key: str | None = None,
) -> Generated:
    """Have a server make images.

    Args:
        url: base URL of the server, e.g. ``http://127.0.0.1:8000``.
        model: name of the model.
        asked: how many, of which seed, and in which format.
        timeout: seconds to wait for the connection, and for each part of the answer.
        key: API key, where the server asks for one.

    Raises:
        SpecError: ``url`` is no address.
        UnreachableError: no server answers at ``url``.
        ServerResponseError: the server refuses the request, or answers something else
            than images.
    """
    path = f"/v1/models/{quote(model, safe='')}/generate"
    body = asked.model_dump_json().encode()
    answer = _request(url, path, timeout, body, key, "application/json")
    kind, seed = answer.headers.get("Content-Type", ""), answer.headers.get(SEED, "")
    if kind not in MEDIA_TYPES.values() or not seed.isdecimal():
        raise ServerResponseError(f"{url}{path}: answered no images", answer.status)
    tried = answer.headers.get(TRIED, "")
    return Generated(answer.content, int(seed), int(tried) if tried.isdecimal() else None)


def check_ready(url: str, timeout: float = TIMEOUT_S) -> None:
    """Ask a server whether it is ready.

    Raises:
        UnreachableError: no server answers at ``url``.
        ServerResponseError: it is not ready.
    """
    _check(url, "/v2/health/ready", "ready", "not ready", timeout)


def check_live(url: str, timeout: float = TIMEOUT_S) -> None:
    """Ask a gateway whether it answers, however its cluster is.

    Raises:
        UnreachableError: no gateway answers at ``url``.
        ServerResponseError: what answers is none.
    """
    _check(url, "/v1/health/live", "live", "no gateway", timeout)


def _check(url: str, path: str, field: str, otherwise: str, timeout: float) -> None:
    answer = _request(url, path, timeout)
    if _field(answer.content, field) is not True:
        raise ServerResponseError(f"{url}: {otherwise}", answer.status)


def _request(
    url: str,
    path: str,
    timeout: float,
    body: bytes | None = None,
    key: str | None = None,
    kind: str = "application/octet-stream",
) -> _Answer:
    """Send a body of some content type by POST, or ask by GET."""
    connection = _connect(url, timeout)
    headers = {"Content-Type": kind}
    if key is not None:
        headers["Authorization"] = f"Bearer {_header_value(key)}"
    target = urlsplit(url).path.rstrip("/") + path
    with closing(connection):
        try:
            # A server that refuses a body before its end answers and hangs up: the answer
            # is there to be read although the rest could not be sent.
            with suppress(BrokenPipeError, ConnectionResetError):
                connection.request("GET" if body is None else "POST", target, body, headers)
            response = connection.getresponse()
            answer = response.read()
        except (OSError, HTTPException, UnicodeError) as error:  # the last: no host's name
            expected = "the address of a running server"
            raise UnreachableError(
                f"{url}: no server answers: {cause(error)}; expected {expected}"
            ) from error
    if response.status >= HTTPStatus.BAD_REQUEST:
        message = " ".join(str(_field(answer, "error") or response.reason).split())
        raise ServerResponseError(f"{url}: {response.status}: {message}", response.status)
    return _Answer(response.status, response.headers, answer)


def _connect(url: str, timeout: float) -> HTTPConnection:
    kinds: dict[str, type[HTTPConnection]] = {"http": HTTPConnection, "https": HTTPSConnection}
    try:
        parts = urlsplit(url)
        if parts.hostname:
            return kinds[parts.scheme](parts.hostname, parts.port, timeout=timeout)
    except (KeyError, ValueError):
        pass
    raise SpecError("url", url, "the address of a server, as http://host:port")


def _header_value(key: str) -> str:
    if key.isascii() and key.isprintable():
        return key
    raise UserError("the API key holds characters that a header cannot; expected printable ASCII")


def _field(body: bytes, name: str) -> Any:
    try:
        content = json.loads(body)
    except ValueError:
        return None
    return content.get(name) if isinstance(content, dict) else None
