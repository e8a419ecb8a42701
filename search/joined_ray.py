"""The Ray that a command works with: one that is there already, or one of its own."""

from __future__ import annotations

import logging
import os
import socket
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, redirect_stdout
from pathlib import Path

from search.local_ray import first_line, local_ray, stop_on_sigterm
from secateur.errors import ClusterError

ADDRESS = "RAY_ADDRESS"
"""Names the Ray to join; set by Ray's Jobs API for the processes that it starts."""

_LAST_PORT = 65535
_TIMEOUT_S = 10.0


def joins() -> bool:
    """Whether the environment names a Ray to join."""
    return bool(os.environ.get(ADDRESS))


def any_ray(log: Path) -> AbstractContextManager[None]:
    """Join the Ray that the environment names, or start one on this machine where it names none.

    Args:
        log: takes what Ray prints.
    """
    return joined_ray(log) if joins() else local_ray(log)


@contextmanager
def joined_ray(log: Path) -> Iterator[None]:
    """Be a driver on the Ray that the environment names, and leave it whatever happens.

    Args:
        log: takes what Ray prints.

    Raises:
        ClusterError: it cannot be joined.
    """
    _check_answers(os.environ[ADDRESS])
    import ray

    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("a", encoding="utf-8") as file, redirect_stdout(file):
        try:
            ray.init(address="auto", logging_level=logging.ERROR, log_to_driver=False)
        except (OSError, RuntimeError, ray.exceptions.RayError) as error:
            told = f"{ADDRESS}: {os.environ[ADDRESS]}: cannot be joined: {first_line(error)}"
            raise ClusterError(told) from error
        # Ray's own handler would end the process with a core dump.
        stop_on_sigterm()
        try:
            yield
        finally:
            ray.shutdown()


def place() -> str:
    """What the Ray that this process is connected to has, for people."""
    import ray

    there = ray.cluster_resources()
    nodes = sum(node["Alive"] for node in ray.nodes())
    parts = [f"{nodes} node{'s' if nodes != 1 else ''}", f"{there.get('CPU', 0):g} CPUs"]
    if gpus := there.get("GPU", 0):
        parts.append(f"{gpus:g} GPUs")
    return ", ".join(parts)


def _check_answers(address: str) -> None:
    """Refuse an address where nobody is; Ray would try for minutes without a word."""
    host, _, port = address.rpartition(":")
    if "://" in address or not port.isdecimal():
        return
    try:
        _connect(host.strip("[]"), int(port))
    except (OSError, UnicodeError) as error:  # the latter: no name of a host
        raise ClusterError(
            f"{ADDRESS}: {address}: no Ray answers: {first_line(error)}; expected the address "
            "of one to join, or none to start one here"
        ) from None


def _connect(host: str, port: int) -> None:
    if port > _LAST_PORT:  # what is above it by 65536 would be taken for it
        raise OSError(f"{port} is no port, which are up to {_LAST_PORT}")
    socket.create_connection((host, port), _TIMEOUT_S).close()
