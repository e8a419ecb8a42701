"""The gateway as a Ray Serve application: one replica, which alone writes the journal."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from fastapi import FastAPI
from ray import serve

from secateur.roots import Roots
from secateur.spaces import Frozen
from secateur.validation import validated
from serving import access, deployments, replica_log
from serving.errors import UnavailableError
from serving.gateway.desk import Desk
from serving.gateway.dispatcher import Dispatcher
from serving.gateway.journal import Journal
from serving.gateway.logs import FOLLOWERS, Logs
from serving.gateway.spec import GatewaySpec, load
from serving.gateway.views import Views
from serving.gateway.web import create_gateway
from serving.jobs.ray_cluster import RayCluster

DEPLOYMENT = "gateway"
_DRAIN_S = 5.0
# Requests to be turned away, held at a time.
_SPARE = 32


# As for the server of models, Serve asks the instance for its app.
@serve.ingress()
class Gateway:
    """The process of a gateway.

    Args:
        spec: its settings.
        roots: folders that a spec may name paths in.
    """

    def __init__(self, spec: GatewaySpec, roots: Roots) -> None:
        access.log_to(spec.access_log)
        replica_log.log_to(spec.log)
        self._spec = spec
        self._journal = Journal(spec.folder)
        cluster = RayCluster(spec.address)
        self._dispatcher = Dispatcher(self._journal, cluster, spec)
        self._views = Views(self._journal, spec)
        self._desk = Desk(self._journal, self._views, spec, roots, self._dispatcher.wake)
        self._logs = Logs(cluster, spec.limits.answer_seconds)
        self._dispatcher.start()

    def __serve_build_asgi_app__(self) -> FastAPI:
        return create_gateway(
            *(self._spec, self._journal, self._desk, self._views, self._logs),
            lambda: self._dispatcher.complaint,
            # Serve's proxy does so.
            echo_ids=False,
        )

    def check_health(self) -> None:
        """Called by Serve, which replaces a replica that fails three times.

        Raises:
            UnavailableError: nobody looks after the jobs.
        """
        if not self._dispatcher.alive:
            raise UnavailableError("the jobs are not looked after")

    def __del__(self) -> None:
        # Called by Serve when the replica ends; the next one waits for the journal.
        if hasattr(self, "_dispatcher"):
            self._dispatcher.stop()
            self._journal.close()


def build(spec: GatewaySpec, environment: Mapping[str, str] = os.environ) -> serve.Application:
    """Describe the application to Serve.

    Args:
        spec: of the gateway.
        environment: names the roots; where it does not, no spec may name a path.

    Raises:
        SpecError: the roots are no absolute folders.
    """
    deployment = serve.deployment(
        Gateway,
        name=DEPLOYMENT,
        num_replicas=1,
        # It waits for the disk and the cluster.
        ray_actor_options={"num_cpus": 0},
        **deployments.options(
            spec.limits, more=_SPARE + FOLLOWERS * len(spec.teams), drain_s=_DRAIN_S
        ),
    )
    return deployment.bind(spec, Roots.find(environment) or Roots())


def configured(arguments: Mapping[str, Any]) -> serve.Application:
    """The application, for Serve's own config files (``serve run``, RayService).

    Its import path is ``serving.gateway.application:configured``.

    Args:
        arguments: ``config`` names the file of the gateway's settings.

    Raises:
        SpecError: arguments or settings that cannot be used.
    """
    return build(load(validated(Arguments, dict(arguments)).config))


class Arguments(Frozen):
    """What Serve's config file gives to ``configured``.

    Attributes:
        config: file of the gateway's settings.
    """

    config: Path
