"""Serve's life on a running Ray: start, address, stop."""

from __future__ import annotations

import errno
import logging
import socket
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

import ray
from ray import serve
from ray.serve.schema import LoggingConfig

from serving.application import APPLICATION, build
from serving.batching import batched
from serving.catalogue import Catalogue
from serving.client import check_ready
from serving.errors import ClientError, ServerStartError
from serving.keys import Keys
from serving.limits import Limits
from serving.source import ModelSource

FREE_PORT = 0
# Beyond the limits of the application, which answers for itself until then.
_SPARE_S = 5.0


def start(
    sources: Sequence[ModelSource],
    *,
    host: str = "127.0.0.1",
    port: int = 8000,
    limits: Limits | None = None,
    replicas: int = 1,
    keys: Keys | None = None,
    access_log: Path | None = None,
) -> str:
    """Start the server on the Ray that this process is connected to.

    Args:
        sources: where the models come from.
        host: address to listen on.
        port: to listen on; ``FREE_PORT`` for any that is free.
        limits: bounds on requests; ``Limits()`` where absent.
        replicas: server processes, one CPU each.
        keys: of the clients that may ask; everyone may where absent.
        access_log: file that takes a line a request; the replicas' output where absent.

    Returns:
        The base URL, e.g. ``http://127.0.0.1:8000``; requests are answered from here on.

    Raises:
        ServerStartError: Ray is not running or too small, Serve already runs, the port is
            taken, or a replica failed; nothing is left running.
        SecateurError: a model cannot be fetched or opened.
    """
    _check_ray(replicas)
    # A broken model is told from here at once and in its own words; from a replica it
    # would come back as a deployment that failed.
    Catalogue.load(sources, batched)
    limits = limits or Limits()
    application = build(sources, limits, replicas, keys, access_log)
    timeout = limits.body_seconds + limits.answer_seconds + _SPARE_S
    port = _free(host, port)
    url = f"http://{host}:{port}"
    with ExitStack() as undo:
        undo.callback(serve.shutdown)
        try:
            _run(application, host, port, timeout)
            check_ready(url)
        except (RuntimeError, TimeoutError, ClientError) as error:
            raise ServerStartError(f"the server did not start: {_reason(error)}") from error
        undo.pop_all()
    return url


def stop() -> None:
    """Stop Serve on this Ray, with everything that it runs; harmless where it does not."""
    serve.shutdown()


@contextmanager
def running(
    sources: Sequence[ModelSource],
    *,
    host: str = "127.0.0.1",
    port: int = FREE_PORT,
    limits: Limits | None = None,
    replicas: int = 1,
    keys: Keys | None = None,
    access_log: Path | None = None,
) -> Iterator[str]:
    """``start``, the base URL, and ``stop`` whatever happens in between."""
    url = start(
        sources,
        host=host,
        port=port,
        limits=limits,
        replicas=replicas,
        keys=keys,
        access_log=access_log,
    )
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


def _free(host: str, port: int) -> int:
    """Resolve ``FREE_PORT``, and refuse a port that is taken: the proxy would only hang."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            known = {errno.EADDRINUSE: "is taken", errno.EACCES: "needs more rights"}
            reason = known.get(error.errno or 0, str(error.strerror))
            raise ServerStartError(f"port {port} of {host} {reason}; expected a free one") from None
        return int(probe.getsockname()[1])


def _reason(error: BaseException) -> str:
    """Last line of what Serve knows of a failed replica, which is its exception."""
    application = serve.status().applications.get(APPLICATION)
    messages = [part.message for part in application.deployments.values()] if application else []
    lines = "\n".join([str(error), *messages]).strip().splitlines()
    return lines[-1] if lines else type(error).__name__
