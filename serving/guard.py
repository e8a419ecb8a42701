"""The check of API keys in front of routes."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Annotated

from fastapi import Security
from fastapi.security import APIKeyHeader, HTTPAuthorizationCredentials, HTTPBearer
from starlette.requests import Request

from serving.errors import ForbiddenError, UnauthorizedError
from serving.keys import Keys
from serving.request_trace import trace_of

_BEARER = HTTPBearer(auto_error=False, description="An API key.")
_HEADER = APIKeyHeader(name="X-API-Key", auto_error=False, description="An API key.")
_Bearer = Annotated[HTTPAuthorizationCredentials | None, Security(_BEARER)]
_Header = Annotated[str | None, Security(_HEADER)]


def guard(keys: Keys) -> Callable[..., Awaitable[None]]:
    """A dependency that lets known keys pass, to the models that they open.

    A key comes as ``Authorization: Bearer KEY`` or ``X-API-Key: KEY``.  Models that a key
    does not open are refused alike whether they exist or not.
    """

    async def check(request: Request, bearer: _Bearer, header: _Header) -> None:
        secret = bearer.credentials if bearer else header
        if not secret:
            raise UnauthorizedError("an API key is needed, as bearer token or X-API-Key")
        key = keys.match(secret)
        if key is None:
            raise UnauthorizedError("the API key is not known")
        trace_of(request).key = key
        model = request.path_params.get("name")
        if model is not None and not key.opens(model):
            raise ForbiddenError(f"the API key does not open model '{model}'")

    return check


def admit(keys: Keys) -> Callable[[Request], Awaitable[None]]:
    """What ``guard`` does, for routes without dependencies."""
    check = guard(keys)

    async def admitted(request: Request) -> None:
        await check(request, await _BEARER(request), await _HEADER(request))

    return admitted
