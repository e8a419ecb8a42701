"""A Ray of our own on this machine, for the time of a command."""

from __future__ import annotations

import logging
import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stdout
from pathlib import Path
from types import FrameType


def stop_on_sigterm() -> None:
    """Let SIGTERM stop this process as Ctrl-C does; Tune saves its state on that alone."""
    signal.signal(signal.SIGTERM, lambda _, frame: _interrupt(frame))


def _interrupt(frame: FrameType | None) -> None:
    handler = signal.getsignal(signal.SIGINT)
    if callable(handler):
        handler(signal.SIGINT, frame)
    else:  # a shell without job control lets its background jobs ignore Ctrl-C
        raise KeyboardInterrupt


@contextmanager
def local_ray(log: Path) -> Iterator[None]:
    """Start Ray on loopback, and stop it whatever happens in between.

    Args:
        log: takes what Ray prints; standard output stays for those who hold it already.
    """
    import ray

    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("a", encoding="utf-8") as file, redirect_stdout(file):
        ray.init(
            address="local",
            # Two at least: a pruning agent or trial beside the server's replica.
            num_cpus=max(2, os.cpu_count() or 1),
            include_dashboard=False,
            logging_level=logging.ERROR,
            log_to_driver=False,
            _node_ip_address="127.0.0.1",
        )
        # Ray's own handler would end the process with a core dump.
        stop_on_sigterm()
        try:
            yield
        finally:
            ray.shutdown()
