"""What our deployments on Ray Serve have in common."""

from __future__ import annotations

from typing import Any, Final

from ray.serve.config import BackpressureConfig

from serving.errors import RETRY_AFTER_S
from serving.limits import Limits

_HEALTH_S: Final = 5.0
_LOOK_S: Final = 0.1


def options(limits: Limits, *, more: int, drain_s: float) -> dict[str, Any]:
    """Options of ``serve.deployment`` that follow from the limits of requests.

    Args:
        limits: of the application.
        more: requests that a replica holds beyond those that it answers at a time, so that it
            turns them away itself, at once and before it has read them: Serve's proxy would
            keep their bodies.
        drain_s: that a replica which is to end has for what it holds.
    """
    return {
        "max_ongoing_requests": limits.requests + more,
        # What even that cannot hold, Serve turns away.
        "max_queued_requests": limits.requests,
        "backpressure_config": BackpressureConfig(status_code=429, retry_after_s=RETRY_AFTER_S),
        "health_check_period_s": _HEALTH_S,
        "graceful_shutdown_timeout_s": drain_s,
        "graceful_shutdown_wait_loop_s": _LOOK_S,
    }
