"""Serve's life on a running Ray: start, address, stop."""

from __future__ import annotations

import logging
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from functools import partial

import ray
from ray import serve
from ray.exceptions import RayActorError
from ray.serve.schema import LoggingConfig

from serving import ingress, ports
from serving.application import APPLICATION, build
from serving.batching import Batches
from serving.catalogue import Catalogue, open_model
from serving.client import check_ready
from serving.errors import ClientError, ServerStartError
from serving.source import ModelSource
from serving.spec import FREE_PORT, ServeSpec

DEFAULTS = ServeSpec(port=FREE_PORT)


def start(
    sources: Sequence[ModelSource],
    spec: ServeSpec = DEFAULTS,
    environment: Mapping[str, str] = os.environ,
) -> str:
    """Start the server on the Ray that this process is connected to.

    Args:
        sources: where the models come from.
        spec: of the server; its ``models`` are for those who make ``sources``.
        environment: may hold API keys, where ``spec`` names no file of them.

    Returns:
        The base URL, e.g. ``http://127.0.0.1:8000``; requests are answered from here on.

    Raises:
        ServerStartError: Ray is not running or too small, Serve already runs, the port is
            taken, or a replica failed; nothing is left running.
        SecateurError: a model cannot be fetched or opened, or API keys cannot be read.
    """
    _check_ray(spec.most_replicas)
    # A broken model is told from here at once and in its own words; from a replica it
    # would come back as a deployment that failed.
    Catalogue.load(sources, partial(open_model, Batches(), precision=spec.precision))
    return launch(build(sources, spec, environment), spec, check_ready)


def launch(
    application: serve.Application,
    spec: ServeSpec,
    check: Callable[[str], None],
    streams_s: float = 0.0,
) -> str:
    """Start an application on the Ray that this process is connected to.

    Args:
        application: of one name with every other that is started so.
        spec: what to listen on, how many replicas there are, and the limits of requests.
        check: raises a ``ClientError`` where the server at an address does not answer as it
            should.
        streams_s: that answers may go on beyond the limits.

    Returns:
        The base URL.

    Raises:
        ServerStartError: Ray is not running or too small, Serve already runs, the port is
            taken, or a replica or Serve itself failed; nothing is left running.
    """
    _check_ray(spec.most_replicas)
    port = ports.free(spec.host, spec.port)  # Serve's proxy would only hang
    host = ingress.open_front(spec, port)
    url = f"http://{spec.host}:{port}"
    with ExitStack() as undo:
        undo.callback(serve.shutdown)
        try:
            _run(application, host, port, ingress.time_out(spec.limits) + streams_s)
            check(url)
        except RayActorError as error:
            raise ServerStartError(
                "the server did not start: a process of Ray Serve ended, as on a machine that is "
                "far too busy; the same command tries again"
            ) from error
        except (RuntimeError, TimeoutError, ClientError) as error:
            raise ServerStartError(f"the server did not start: {_reason(error)}") from error
        undo.pop_all()
    return url


def stop() -> None:
    """Answer what is in hand, within its limits, and stop Serve on this Ray.

    Requests that come meanwhile are answered with status 503.  Harmless where Serve does
    not run.
    """
    try:
        if APPLICATION in serve.status().applications:
            with suppress(TimeoutError):
                serve.delete(APPLICATION)
    finally:
        serve.shutdown()


@contextmanager
def running(
    sources: Sequence[ModelSource],
    spec: ServeSpec = DEFAULTS,
    environment: Mapping[str, str] = os.environ,
) -> Iterator[str]:
    """``start``, the base URL, and ``stop`` whatever happens in between."""
    url = start(sources, spec, environment)
    try:
        yield url
    finally:
        stop()


def _check_ray(replicas: int) -> None:
    if not ray.is_initialized():
        raise ServerStartError("Ray is not running; expected ray.init() before the server")
    if serve.status().proxies:
        raise ServerStartError("Ray Serve already runs on this Ray; expected a free one")
    # Serve would wait for a processor for ever.
    processors = ray.cluster_resources().get("CPU", 0)
    if replicas > processors:
        raise ServerStartError(f"{replicas} replicas do not fit on {processors:g} CPUs")


def _run(application: serve.Application, host: str, port: int, timeout: float) -> None:
    logging.getLogger("ray.serve").setLevel(logging.WARNING)
    quiet = LoggingConfig(log_level="WARNING", enable_access_log=False)
    serve.start(
        proxy_location="HeadOnly",
        http_options={"host": host, "port": port, "request_timeout_s": timeout},
        logging_config=quiet,
    )
    serve.run(application, name=APPLICATION, logging_config=quiet)


def _reason(error: BaseException) -> str:
    """Last line of what Serve knows of a failed replica, which is its exception."""
    application = serve.status().applications.get(APPLICATION)
    messages = [part.message for part in application.deployments.values()] if application else []
    lines = "\n".join([str(error), *messages]).strip().splitlines()
    return lines[-1] if lines else type(error).__name__
