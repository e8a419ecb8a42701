"""The HTTP interface: a FastAPI app over a catalogue, with or without Ray Serve."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence

from fastapi import Depends, FastAPI
from prometheus_client.metrics_core import Metric
from starlette.middleware import Middleware

from serving.access import Access
from serving.admission import Admission
from serving.catalogue import Catalogue
from serving.direct import Direct
from serving.errors import ForbiddenError, UnauthorizedError
from serving.generate_routes import generate_routes
from serving.guard import guard
from serving.health import Health
from serving.health_routes import health_routes
from serving.inference_routes import inference_routes
from serving.keys import Keys
from serving.limits import Limits
from serving.metrics import Metrics
from serving.model_metrics import ModelMetrics
from serving.model_routes import model_routes
from serving.openapi import DocumentedApp
from serving.operator_routes import operator_routes
from serving.page_routes import add_page
from serving.picture_routes import picture_routes
from serving.refusals import UnforeseenErrors, documented

Gather = Callable[[], Awaitable[Sequence[Metric]]]


def create_app(
    catalogue: Catalogue,
    limits: Limits,
    keys: Keys | None = None,
    metrics: Metrics | None = None,
    gather: Gather | None = None,
    health: Health | None = None,
    *,
    echo_ids: bool = True,
) -> FastAPI:
    """The HTTP interface over ``catalogue``.

    Every error is answered as ``{"error": message}`` with its status; what nobody foresaw
    is logged here and answered as 500 without detail.

    Args:
        catalogue: the models.
        limits: bounds on requests.
        keys: of the clients that may ask anything but health and the page; everyone may
            where absent.
        metrics: count what this app does; its own where absent.
        gather: brings the metrics of all replicas; those of this app where absent.
        health: of the models; that which they were opened in where absent.
        echo_ids: whether to answer with the request's id.
    """
    metrics = metrics or Metrics()
    admission = Admission(limits)
    metrics.watch(admission)
    metrics.registry.register(ModelMetrics(catalogue))
    inference = inference_routes(catalogue, limits, admission)
    app = DocumentedApp(
        front=[
            Middleware(Access, metrics=metrics, echo=echo_ids),
            # Those of inference, which does not come as far as the app's own.
            Middleware(UnforeseenErrors),
            Middleware(Direct, router=inference, keys=keys),
        ],
    )
    guards = [] if keys is None else [Depends(guard(keys))]
    refusals = {} if keys is None else documented(UnauthorizedError, ForbiddenError)
    app.include_router(health_routes(catalogue, health or Health(catalogue)))
    for router in (
        inference,
        model_routes(catalogue),
        picture_routes(catalogue, limits, admission),
        generate_routes(catalogue, limits, admission),
        operator_routes(gather or _alone(metrics)),
    ):
        app.include_router(router, dependencies=guards, responses=refusals)
    add_page(app)
    return app


def _alone(metrics: Metrics) -> Gather:
    async def gather() -> Sequence[Metric]:
        return metrics.families()

    return gather
