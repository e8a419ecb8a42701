"""The Ray Serve application: replicas that each hold every model."""

from __future__ import annotations

from collections.abc import Sequence

from fastapi import FastAPI
from ray import serve

from serving.batching import MAX_REQUESTS, batched
from serving.catalogue import Catalogue
from serving.limits import Limits
from serving.source import ModelSource
from serving.web import create_app


# Without an app given here, Serve asks the instance for one in the replica, where the
# catalogue is, rather than pickling one in the driver.
@serve.ingress()
class Replica:
    """One server process.

    Args:
        sources: where the models come from.
        limits: bounds on one request.
    """

    def __init__(self, sources: Sequence[ModelSource], limits: Limits) -> None:
        self._catalogue = Catalogue.load(sources, batched)
        self._limits = limits

    def __serve_build_asgi_app__(self) -> FastAPI:
        return create_app(self._catalogue, self._limits)


def build(
    sources: Sequence[ModelSource], limits: Limits | None = None, replicas: int = 1
) -> serve.Application:
    """Describe the application to Serve.

    Args:
        sources: where the models come from; names are distinct.
        limits: bounds on one request; those of ``Limits()`` where absent.
        replicas: server processes; each reserves one CPU and holds every model.
    """
    deployment = serve.deployment(
        Replica,
        name="replica",
        num_replicas=replicas,
        ray_actor_options={"num_cpus": 1},
        # A batch running, a batch gathering; Serve's default of 5 would keep both small.
        max_ongoing_requests=2 * MAX_REQUESTS,
        # Beyond this a client is told so (503) rather than left to wait.
        max_queued_requests=8 * MAX_REQUESTS,
        # A model that does not load will not load at the twentieth attempt either.
        max_constructor_retry_count=1,
        graceful_shutdown_wait_loop_s=0.1,
    )
    return deployment.bind(tuple(sources), limits or Limits())
