"""Inference once more, found first and without FastAPI's handling of arguments.

Searching all routes and solving the dependencies of one takes FastAPI longer than all else
that a small tensor asks for.  The routes that it documents stay, behind these.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from fastapi import APIRouter
from fastapi.routing import APIRoute
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from serving.guard import admit
from serving.keys import Keys

Endpoint = Callable[..., Awaitable[Response]]


def direct_routes(router: APIRouter, keys: Keys | None) -> list[Route]:
    """A plain route for every route of ``router`` that takes a body and makes its own answer.

    Args:
        router: whose endpoints take the request and the parameters of the path.
        keys: of the clients that may ask; everyone may where absent.
    """
    return [
        Route(route.path, _plain(route.endpoint, keys), methods=["POST"])
        for route in router.routes
        if isinstance(route, APIRoute) and route.methods == {"POST"}
    ]


def _plain(endpoint: Endpoint, keys: Keys | None) -> Callable[[Request], Any]:
    check = admit(keys) if keys else None

    async def answer(request: Request) -> Response:
        if check:
            await check(request)
        return await endpoint(request, **request.path_params)

    return answer
