"""Routes that say whether the server is up; they ask for no key."""

from __future__ import annotations

from fastapi import APIRouter

from serving import protocol
from serving.catalogue import Catalogue
from serving.errors import UnavailableError
from serving.health import Health
from serving.refusals import documented


def health_routes(catalogue: Catalogue, health: Health) -> APIRouter:
    """Liveness and readiness, as the Open Inference Protocol has them."""
    router = APIRouter(prefix="/v2/health", tags=["Open Inference Protocol"])

    @router.get("/live")
    async def live() -> protocol.ServerLive:
        """Whether the server answers at all."""
        return protocol.ServerLive(live=True)

    @router.get("/ready", responses=documented(UnavailableError))
    async def ready() -> protocol.ServerReady:
        """Whether every model is loaded, and answered when it was tried last."""
        if not len(catalogue):
            raise UnavailableError("no model is served here")
        if health.complaint:
            raise UnavailableError(health.complaint)
        return protocol.ServerReady(ready=True)

    return router
