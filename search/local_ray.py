"""A Ray of our own on this machine, for the time of a command."""

from __future__ import annotations

import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def local_ray() -> Iterator[None]:
    """Start Ray on loopback, and stop it whatever happens in between."""
    import ray

    ray.init(
        address="local",
        # Two at least: a pruning agent or trial beside the server's replica.
        num_cpus=max(2, os.cpu_count() or 1),
        include_dashboard=False,
        logging_level=logging.ERROR,
        log_to_driver=False,
        _node_ip_address="127.0.0.1",
    )
    try:
        yield
    finally:
        ray.shutdown()
