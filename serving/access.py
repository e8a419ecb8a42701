"""The outermost layer of the app: request ids, the access log, and counting."""

from __future__ import annotations

import logging
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

from pydantic_core import to_json
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from serving.gathered_log import GatheredFileHandler
from serving.metrics import Metrics
from serving.request_trace import REQUEST_ID, Trace, request_id

logger = logging.getLogger("serving.access")

# nginx's status of a request whose client went away before its answer.
CLIENT_GONE = 499
_PATH_LENGTH = 256


class Access:
    """Middleware: gives every request an id, logs it as a line of JSON and counts it.

    Args:
        app: what answers.
        metrics: count.
        echo: whether to give the id back; not behind Serve's proxy, which does so itself.
    """

    def __init__(self, app: ASGIApp, metrics: Metrics, *, echo: bool) -> None:
        self.app = app
        self._metrics = metrics
        self._echo = echo

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on; log it when it has been answered, or its client has gone."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        begun = time.perf_counter()
        trace = Trace(request_id(Headers(scope=scope).get(REQUEST_ID)))
        trace.begin(scope)
        status = CLIENT_GONE

        async def watch(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                if self._echo:
                    MutableHeaders(scope=message)[REQUEST_ID] = trace.id
            await send(message)

        try:
            await self.app(scope, receive, watch)
        finally:
            seconds = time.perf_counter() - begun
            self._metrics.observe(trace.model, trace.version, status, seconds)
            _log(_Line(scope, trace, status, seconds))


def _log(line: _Line) -> None:
    # As ``logger.info``, which first looks for the place in the code that calls it.
    if logger.isEnabledFor(logging.INFO):
        logger.handle(logging.LogRecord(logger.name, logging.INFO, "", 0, "%s", (line,), None))


class _Line:
    """A line of the access log, made only if somebody reads it."""

    def __init__(self, scope: Scope, trace: Trace, status: int, seconds: float) -> None:
        self._scope, self._trace = scope, trace
        self._status, self._seconds = status, seconds

    def __str__(self) -> str:
        trace = self._trace
        content = {
            "time": datetime.now(UTC).isoformat(timespec="milliseconds"),
            "id": trace.id,
            "client": trace.key.client if trace.key else "",
            "method": self._scope["method"],
            # Without the query, where strangers put secrets.
            "path": self._scope["path"][:_PATH_LENGTH],
            "status": self._status,
            "ms": round(self._seconds * 1000, 3),
            "model": trace.model,
            "version": trace.version,
            "batch": trace.images,
        }
        return to_json(content).decode()


def log_to(file: Path | None) -> None:
    """Write this process' access log to the end of ``file``, or to standard output.

    A file that is moved away, as log rotation does, is begun anew.
    """
    logger.handlers.clear()
    logger.addHandler(GatheredFileHandler(file) if file else logging.StreamHandler(sys.stdout))
    logger.setLevel(logging.INFO)
    logger.propagate = False
