"""Requests to what takes jobs: Ray's Jobs API, or a gateway."""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException, HTTPSConnection, responses
from typing import Any
from urllib.parse import SplitResult, urlsplit

from secateur.errors import ClusterError, SpecError, UserError, cause

TIMEOUT_S = 30.0

_KINDS: dict[str, Callable[..., HTTPConnection]] = {
    "http": HTTPConnection,
    "https": HTTPSConnection,
}


@dataclass(frozen=True)
class Answer:
    """What came back, of any status."""

    status: int
    content: bytes

    @property
    def text(self) -> str:
        """The content, whatever bytes it holds."""
        return self.content.decode("utf-8", "replace")

    def json(self) -> Any:
        """The content; nothing where it is no JSON."""
        try:
            return json.loads(self.content)
        except ValueError:
            return None


class Remote:
    """Something that answers over HTTP.

    It is connected to directly, without the proxies of the environment, and followed nowhere
    else: what it is sent holds a secret.

    Args:
        address: as ``http://host:8265``; a path in it goes in front of all others.
        secret: token or key that says who asks; none where absent.
        timeout: seconds to wait for the connection, and for each part of an answer.

    Raises:
        SpecError: ``address`` is none.
        UserError: ``secret`` holds what a header cannot.
    """

    def __init__(self, address: str, secret: str | None = None, timeout: float = TIMEOUT_S) -> None:
        self.address = address.rstrip("/")
        self._parts, self._timeout = _parts(self.address), timeout
        self._headers = {} if secret is None else {"Authorization": f"Bearer {_printable(secret)}"}

    def ask(self, method: str, path: str, content: object = None) -> Answer:
        """Send a request.

        Args:
            method: of HTTP.
            path: begins with a slash.
            content: becomes JSON; nothing where absent.

        Raises:
            ClusterError: nothing answers.
        """
        body = None if content is None else json.dumps(content).encode()
        headers = self._headers | ({} if body is None else {"Content-Type": "application/json"})
        connection = _KINDS[self._parts.scheme](
            self._parts.hostname, self._parts.port, timeout=self._timeout
        )
        with closing(connection):
            try:
                connection.request(method, self._parts.path + path, body, headers)
                response = connection.getresponse()
                return Answer(response.status, response.read())
            except (OSError, HTTPException, UnicodeError) as error:  # the last: no host's name
                raise ClusterError(f"{self.address}: no cluster answers: {cause(error)}") from None


def failed(address: str, answer: Answer) -> ClusterError:
    """That what answers at ``address`` could not do what it was asked for, in a line."""
    lines = [line for line in answer.text.splitlines() if line.strip()]
    reason = lines[-1].strip() if lines else responses.get(answer.status, "nothing more")
    return ClusterError(f"{address}: answers {answer.status}: {reason[:200]}")


def _parts(address: str) -> SplitResult:
    try:
        parts = urlsplit(address)
        sound = parts.scheme in _KINDS and parts.hostname and (parts.port or True)
    except ValueError:
        sound = False
    if not sound or parts.query or parts.fragment or parts.username:
        raise SpecError("address", address, "the address of a cluster, as http://host:8265")
    return parts


def _printable(secret: str) -> str:
    if secret.isascii() and secret.isprintable():
        return secret
    raise UserError("token or key: holds characters that a header cannot; expected printable ASCII")
