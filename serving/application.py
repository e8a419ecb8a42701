"""The Ray Serve application: replicas that each hold every model."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

from fastapi import FastAPI
from prometheus_client.metrics_core import Metric
from ray import serve
from ray.serve.config import AutoscalingConfig

from serving import access, challenger, deployments, replica_log
from serving.batching import MAX_REQUESTS, Batches
from serving.catalogue import Catalogue, open_model
from serving.errors import UnavailableError
from serving.follower import Follower
from serving.health import Health
from serving.ingress import time_out
from serving.keys import Keys
from serving.metrics import Metrics, together
from serving.source import ModelSource
from serving.spec import Autoscale, ServeSpec
from serving.web import create_app

APPLICATION = "secateur"
DEPLOYMENT = "replica"
_GATHER_S = 5.0
# Serve's own.  A check waits behind the requests that a busy replica answers.
_LEAST_HEALTH_S = 30.0
# Over which ongoing requests are averaged; Ray warns of 10 s or less.
_LOOK_BACK_S = 10.5


# Without an app given here, Serve asks the instance for one in the replica, where the
# catalogue is, rather than pickling one in the driver.
@serve.ingress()
class Replica:
    """One server process.

    Args:
        sources: where the models come from.
        spec: of the server.
        keys: of the clients that may ask; everyone may where absent.
    """

    def __init__(self, sources: Sequence[ModelSource], spec: ServeSpec, keys: Keys | None) -> None:
        self._spec, self._keys = spec, keys
        access.log_to(spec.access_log)
        replica_log.log_to(spec.log)
        self._metrics = Metrics()
        opened = partial(open_model, Batches(self._metrics.observe_batch), precision=spec.precision)
        asked = challenger.policy(spec.challenger, self._metrics)
        self._catalogue = Catalogue.load(sources, opened, asked)
        self._follower = Follower(
            self._catalogue,
            sources,
            opened,
            spec.refresh_seconds,
            challengers=spec.challenger is not None,
        )
        self._follower.start()
        self._health = Health(self._catalogue)

    def __serve_build_asgi_app__(self) -> FastAPI:
        return create_app(
            self._catalogue,
            self._spec.limits,
            self._keys,
            self._metrics,
            _gather,
            self._health,
            # Serve's proxy does so, in front of every replica.
            echo_ids=False,
        )

    async def check_health(self) -> None:
        """Called by Serve, which replaces a replica that fails three times.

        Raises:
            InferenceError: a model failed on an input to try it on.
        """
        await self._health.check()

    def metrics(self) -> tuple[str, list[Metric]]:
        """This replica's name, and what it counted."""
        return serve.get_replica_context().replica_id.unique_id, self._metrics.families()


async def _gather() -> list[Metric]:
    """The metrics of all replicas: a scrape reaches any of them."""
    handle = serve.get_deployment_handle(DEPLOYMENT, APPLICATION)
    try:
        replicas = await handle.broadcast("metrics").results_async(timeout_s=_GATHER_S)
    except Exception as error:  # Serve's and Ray's own, of a replica that is ending
        raise UnavailableError("not every replica told its metrics; try again later") from error
    return together(dict(replicas))


def build(
    sources: Sequence[ModelSource],
    spec: ServeSpec,
    environment: Mapping[str, str] = os.environ,
) -> serve.Application:
    """Describe the application to Serve.

    Args:
        sources: where the models come from; names are distinct.
        spec: of the server.
        environment: may hold API keys, where ``spec`` names no file of them.

    Raises:
        UserError: the API keys cannot be read.
    """
    limits = spec.limits
    deployment = serve.deployment(
        Replica,
        name=DEPLOYMENT,
        **_number(spec.replicas),
        ray_actor_options={"num_cpus": 1},
        **deployments.options(
            limits, more=limits.requests + MAX_REQUESTS, drain_s=time_out(limits)
        ),
        # A model that does not load will not load at the twentieth attempt either.
        max_constructor_retry_count=1,
        health_check_timeout_s=max(limits.answer_seconds, _LEAST_HEALTH_S),
    )
    return deployment.bind(tuple(sources), spec, Keys.find(spec.keys, environment))


def _number(replicas: int | Autoscale) -> dict[str, Any]:
    """Serve's options for a number of replicas, or for how to choose it."""
    if isinstance(replicas, int):
        return {"num_replicas": replicas}
    scaling = AutoscalingConfig(
        min_replicas=replicas.least,
        initial_replicas=replicas.least,
        max_replicas=replicas.most,
        target_ongoing_requests=replicas.ongoing,
        upscale_delay_s=replicas.grow_seconds,
        downscale_delay_s=replicas.shrink_seconds,
        look_back_period_s=_LOOK_BACK_S,
    )
    return {"autoscaling_config": scaling}
