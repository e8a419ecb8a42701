"""The Ray Serve application: replicas that each hold every model."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from pathlib import Path

from fastapi import FastAPI
from prometheus_client.metrics_core import Metric
from ray import serve
from ray.serve.config import BackpressureConfig

from serving import access
from serving.batching import MAX_REQUESTS, batched
from serving.catalogue import Catalogue
from serving.errors import RETRY_AFTER_S, UnavailableError
from serving.keys import Keys
from serving.limits import Limits
from serving.metrics import Metrics, together
from serving.source import ModelSource
from serving.web import create_app

APPLICATION = "secateur"
DEPLOYMENT = "replica"
_GATHER_S = 5.0


# Without an app given here, Serve asks the instance for one in the replica, where the
# catalogue is, rather than pickling one in the driver.
@serve.ingress()
class Replica:
    """One server process.

    Args:
        sources: where the models come from.
        limits: bounds on requests.
        keys: of the clients that may ask; everyone may where absent.
        access_log: file that takes a line a request; this process' output where absent.
    """

    def __init__(
        self,
        sources: Sequence[ModelSource],
        limits: Limits,
        keys: Keys | None,
        access_log: Path | None,
    ) -> None:
        self._limits, self._keys = limits, keys
        self._metrics = Metrics()
        observed = partial(batched, observe=self._metrics.observe_batch)
        self._catalogue = Catalogue.load(sources, observed)
        access.log_to(access_log)

    def __serve_build_asgi_app__(self) -> FastAPI:
        return create_app(
            self._catalogue,
            self._limits,
            self._keys,
            self._metrics,
            _gather,
            # Serve's proxy does so, in front of every replica.
            echo_ids=False,
        )

    def metrics(self) -> list[Metric]:
        """What this replica counted."""
        return self._metrics.families()


async def _gather() -> list[Metric]:
    """The metrics of all replicas: a scrape reaches any of them."""
    handle = serve.get_deployment_handle(DEPLOYMENT, APPLICATION)
    try:
        replicas = await handle.broadcast("metrics").results_async(timeout_s=_GATHER_S)
    except Exception as error:  # Serve's and Ray's own, of a replica that is ending
        raise UnavailableError("not every replica told its metrics; try again later") from error
    return together(replicas)


def build(
    sources: Sequence[ModelSource],
    limits: Limits | None = None,
    replicas: int = 1,
    keys: Keys | None = None,
    access_log: Path | None = None,
) -> serve.Application:
    """Describe the application to Serve.

    Args:
        sources: where the models come from; names are distinct.
        limits: bounds on requests; those of ``Limits()`` where absent.
        replicas: server processes; each reserves one CPU and holds every model.
        keys: of the clients that may ask; everyone may where absent.
        access_log: file that takes a line a request; the replicas' output where absent.
    """
    limits = limits or Limits()
    deployment = serve.deployment(
        Replica,
        name=DEPLOYMENT,
        num_replicas=replicas,
        ray_actor_options={"num_cpus": 1},
        # More than are answered, so that the replica itself turns the others away, at
        # once and before it has read them: Serve's proxy would keep their bodies.
        max_ongoing_requests=2 * limits.requests + MAX_REQUESTS,
        # What even that cannot hold, Serve turns away.
        max_queued_requests=limits.requests,
        backpressure_config=BackpressureConfig(status_code=429, retry_after_s=RETRY_AFTER_S),
        # A model that does not load will not load at the twentieth attempt either.
        max_constructor_retry_count=1,
        graceful_shutdown_wait_loop_s=0.1,
    )
    # A replica works in a directory of its own.
    file = access_log.absolute() if access_log else None
    return deployment.bind(tuple(sources), limits, keys, file)
