"""What is known of one request while it is answered."""

from __future__ import annotations

import re
import uuid
from dataclasses import dataclass
from typing import TypeGuard, cast

from starlette.requests import Request
from starlette.types import Scope

from serving.catalogue import Model
from serving.keys import Key

REQUEST_ID = "X-Request-ID"

_SAFE_ID = re.compile(r"[A-Za-z0-9._:-]{1,128}")
_STATE, _TRACE = "state", "trace"


@dataclass
class Trace:
    """Filled in on the way; read by the access log and the metrics.

    Attributes:
        id: the client's, or one made here.
        key: of the client, where keys are asked for.
        model: that was asked, once it is known to be served.
        version: of that model.
        images: in the request.
    """

    id: str
    key: Key | None = None
    model: str = ""
    version: str = ""
    images: int = 0

    def ask(self, model: Model) -> None:
        """Note the model that answers."""
        self.model, self.version = model.name, model.version

    def begin(self, scope: Scope) -> None:
        """Attach to the request of ``scope``."""
        scope.setdefault(_STATE, {})[_TRACE] = self


def trace_of(request: Request) -> Trace:
    """The trace that was attached to a request."""
    return cast(Trace, getattr(request.state, _TRACE))


def request_id(given: str | None) -> str:
    """The id that a client gave, if it is short and plain; else a new one."""
    return given if is_plain(given) else uuid.uuid4().hex


def is_plain(given: str | None) -> TypeGuard[str]:
    """Whether an id can be written to a log as it is."""
    return given is not None and _SAFE_ID.fullmatch(given) is not None
