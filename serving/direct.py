"""Inference, found first and without FastAPI's handling of arguments.

Searching all routes and solving the dependencies of one takes FastAPI longer than all else
that a small tensor asks for.  The routes that it documents stay, behind this.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from fastapi import APIRouter
from fastapi.routing import APIRoute
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Match
from starlette.types import ASGIApp, Receive, Scope, Send

from serving.errors import ServingError
from serving.guard import admit
from serving.keys import Keys
from serving.refusals import refused


class Direct:
    """Middleware: answers the routes of a router that take a body and make their own answer.

    Args:
        app: answers all else.
        router: whose endpoints take the request and the parameters of the path.
        keys: of the clients that may ask; everyone may where absent.
    """

    def __init__(self, app: ASGIApp, router: APIRouter, keys: Keys | None) -> None:
        self.app = app
        self._check = admit(keys) if keys else None
        self._routes = [
            route
            for route in router.routes
            if isinstance(route, APIRoute) and route.methods == {"POST"}
        ]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer, or pass the request on."""
        endpoint = self._find(scope)
        if endpoint is None:
            await self.app(scope, receive, send)
            return
        request = Request(scope, receive, send)
        try:
            if self._check:
                await self._check(request)
            response = await endpoint(request, **request.path_params)
        except (ServingError, HTTPException) as error:
            response = refused(error)
        await response(scope, receive, send)

    def _find(self, scope: Scope) -> Callable[..., Awaitable[Response]] | None:
        """The endpoint of a request, whose parameters become part of the scope."""
        if scope["type"] != "http" or scope["method"] != "POST":
            return None
        for route in self._routes:
            match, found = route.matches(scope)
            if match is Match.FULL:
                scope["path_params"] = found["path_params"]
                endpoint: Callable[..., Any] = route.endpoint
                return endpoint
        return None
