"""Routes for those who run the server."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence

from fastapi import APIRouter
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4
from prometheus_client.metrics_core import Metric
from starlette.responses import Response

from serving.errors import UnavailableError
from serving.metrics import exposition
from serving.refusals import documented


def operator_routes(gather: Callable[[], Awaitable[Sequence[Metric]]]) -> APIRouter:
    """Metrics, of all replicas together.

    Args:
        gather: brings them.
    """
    router = APIRouter(tags=["Operation"])

    @router.get(
        "/metrics",
        response_class=Response,
        responses={
            200: {"description": "Prometheus' text format.", "content": {"text/plain": {}}},
            **documented(UnavailableError),
        },
    )
    async def metrics() -> Response:
        """Requests by model, version and status, their latency, batches and queue."""
        return Response(exposition(await gather()), media_type=CONTENT_TYPE_PLAIN_0_0_4)

    return router
