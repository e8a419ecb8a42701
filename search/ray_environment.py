"""What a driver tells Ray by its environment, which Ray reads when it is imported."""

from __future__ import annotations

import os

SETTINGS = {
    # What Ray ends for want of memory it would try again for ever.
    "RAY_task_oom_retries": "2",
    # A worker that was cut off from the network is given up after 135 s instead of 420: no more
    # than its connection to the driver says so. Ray's servers turn away pings that come more often
    # than once a minute, and 60 s without an answer are what a node has, too.
    "RAY_grpc_client_keepalive_time_ms": "75000",
    "RAY_grpc_client_keepalive_timeout_ms": "60000",
    # Serve waits a minute for its proxy, but ends one that was not ready at three looks: these take
    # as long now, where 15 s are too few on a busy machine.
    "RAY_SERVE_PROXY_READY_CHECK_TIMEOUT_S": "20",
}


def prepare() -> None:
    """Set what the environment does not say otherwise; call before Ray is imported."""
    for name, value in SETTINGS.items():
        os.environ.setdefault(name, value)
