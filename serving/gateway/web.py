"""The gateway's HTTP interface: a FastAPI app, with or without Ray Serve."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence

from fastapi import APIRouter, Depends
from prometheus_client.metrics_core import Metric
from starlette.middleware import Middleware

from serving.access import Access
from serving.admission import Admission
from serving.errors import UnauthorizedError, UnavailableError
from serving.gateway.answers import Live, Ready
from serving.gateway.desk import Desk
from serving.gateway.job_metrics import JobMetrics
from serving.gateway.job_routes import job_routes
from serving.gateway.journal import Journal
from serving.gateway.logs import Logs
from serving.gateway.members import members, operators
from serving.gateway.spec import GatewaySpec
from serving.gateway.views import Views
from serving.guard import guard
from serving.layered import LayeredApp
from serving.metrics import Metrics
from serving.operator_routes import operator_routes
from serving.page_routes import add_page
from serving.refusals import documented


def create_gateway(
    spec: GatewaySpec,
    journal: Journal,
    desk: Desk,
    views: Views,
    logs: Logs,
    complaint: Callable[[], str],
    *,
    echo_ids: bool = True,
) -> LayeredApp:
    """The HTTP interface of a gateway.

    Every error is answered as ``{"error": message}`` with its status.

    Args:
        spec: of the gateway.
        journal: of all jobs, for the metrics.
        desk: takes jobs.
        views: tells how they stand.
        logs: what they have printed.
        complaint: why the cluster cannot be asked; empty where it can.
        echo_ids: whether to answer with the request's id.
    """
    metrics, admission = Metrics(), Admission(spec.limits)
    metrics.watch(admission)
    metrics.registry.register(JobMetrics(journal, spec.teams))
    app = LayeredApp(
        title="Sécateur gateway",
        front=[Middleware(Access, metrics=metrics, echo=echo_ids)],
    )
    app.include_router(_health_routes(complaint))
    app.include_router(
        job_routes(desk, views, logs, spec.limits, admission),
        dependencies=[Depends(guard(members(spec)))],
        responses=documented(UnauthorizedError),
    )
    if spec.operators:
        app.include_router(
            operator_routes(_gather(metrics)),
            dependencies=[Depends(guard(operators(spec)))],
            responses=documented(UnauthorizedError),
        )
    add_page(app)
    return app


def _health_routes(complaint: Callable[[], str]) -> APIRouter:
    router = APIRouter(prefix="/v1/health", tags=["Operation"])

    @router.get("/live")
    async def live() -> Live:
        """Whether the gateway answers at all: it takes jobs."""
        return Live(live=True)

    @router.get("/ready", responses=documented(UnavailableError))
    async def ready() -> Ready:
        """Whether the cluster answers too: jobs move on."""
        if said := complaint():
            raise UnavailableError(said)
        return Ready(ready=True)

    return router


def _gather(metrics: Metrics) -> Callable[[], Awaitable[Sequence[Metric]]]:
    async def gather() -> Sequence[Metric]:
        return metrics.families()

    return gather
