"""What stands in Ray Serve's proxy, in front of every replica.

Serve answers some requests itself: those that it times out, that find no replica, or whose
replica died.  Its answers are plain text; here they become those of the application.  Serve
also takes orders from headers that any client can send; here they are dropped.

Serve loads this where ``ENVIRONMENT`` is part of the environment of the Ray it runs on.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Final

from starlette.middleware import Middleware
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from serving.errors import RETRY_AFTER_S
from serving.refusals import refusal
from serving.request_trace import REQUEST_ID, is_plain

ENVIRONMENT: Final[Mapping[str, str]] = {
    "RAY_SERVE_HTTP_PROXY_CALLBACK_IMPORT_PATH": "serving.proxy.middlewares"
}

Headers = Sequence[tuple[bytes, bytes]]

_ERROR = 400

# Of the request: time-outs and routing are not for strangers to set.
ORDERS = frozenset(
    {
        b"x-request-timeout-seconds",
        b"x-request-disconnect-disabled",
        b"serve-multiplexed-model-id",
        b"serve_multiplexed_model_id",
    }
)

# Given in their place behind HAProxy, which itself bounds the time of an answer, as the
# application does: Serve would keep two more tasks a request to look for both.
UNWATCHED: Final = ((b"x-request-timeout-seconds", b"0"), (b"x-request-disconnect-disabled", b"?1"))

# The application has every path: where Serve knows none, it is not there, or not any more.
_MEANT = {404: 503}

# What Serve says of these tells of its insides.
MESSAGES: Final[Mapping[int, str]] = {
    400: "the request is not sound HTTP",
    408: "the request was not answered in time",
    429: "too many requests are waiting; try again later",
    431: "the headers are too long",
    500: "the server failed on this request",
    502: "the server failed on this request",
    503: "the server is not ready; try again later",
    504: "the request was not answered in time",
}


def middlewares() -> list[Middleware]:
    """Called by Serve, in whatever takes connections: its proxy, or a replica behind HAProxy."""
    behind_haproxy = os.environ.get("RAY_SERVE_ENABLE_HA_PROXY") == "1"
    return [Middleware(Front, orders=UNWATCHED if behind_haproxy else ())]


class Front:
    """Middleware: requests with no orders to Serve but ours, Serve's errors as ours.

    Args:
        app: Serve.
        orders: headers to give it.
    """

    def __init__(self, app: ASGIApp, orders: Headers = ()) -> None:
        self.app = app
        self._orders = orders

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, and the answer back; give one if there is none."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        answer = _Answer(send)
        headers = [*_plain(scope["headers"]), *self._orders]
        await self.app({**scope, "headers": headers}, receive, answer)
        await answer.finish(scope, receive)


def _plain(headers: list[tuple[bytes, bytes]]) -> list[tuple[bytes, bytes]]:
    own = REQUEST_ID.lower().encode()
    return [
        (name, value)
        for name, value in headers
        if name not in ORDERS and (name != own or is_plain(value.decode("latin-1")))
    ]


class _Answer:
    """Takes Serve's messages; holds an error in plain text back and tells it anew."""

    def __init__(self, send: Send) -> None:
        self._send = send
        self._status = 0
        self._kept: list[tuple[bytes, bytes]] = []
        self._held = False

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self._status = message["status"]
            if self._status >= _ERROR:
                self._look_at(message["headers"])
        if not self._held:
            await self._send(message)

    def _look_at(self, headers: Headers) -> None:
        """Hold an error in plain text back."""
        plain = [(bytes(name).lower(), bytes(value)) for name, value in headers]
        self._held = _is_text(plain)
        self._kept = [pair for pair in plain if pair[0] in (b"x-request-id", b"retry-after")]

    async def finish(self, scope: Scope, receive: Receive) -> None:
        """Answer where Serve did not, or not in our words."""
        if self._status and not self._held:
            return
        status = _MEANT.get(self._status, self._status) or HTTPStatus.INTERNAL_SERVER_ERROR
        message = MESSAGES.get(status) or HTTPStatus(status).phrase
        response = refusal(status, message)
        if status == HTTPStatus.SERVICE_UNAVAILABLE:
            response.headers["Retry-After"] = str(RETRY_AFTER_S)
        response.raw_headers.extend(self._kept)
        await response(scope, receive, self._send)


def _is_text(headers: list[tuple[bytes, bytes]]) -> bool:
    return any(
        name == b"content-type" and value.startswith(b"text/plain") for name, value in headers
    )
