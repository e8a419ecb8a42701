"""A Ray of our own on this machine, for the time of a command."""

from __future__ import annotations

import logging
import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stdout
from pathlib import Path
from types import FrameType

from secateur.errors import StageError


def stop_on_sigterm() -> None:
    """Let SIGTERM stop this process as Ctrl-C does; Tune saves its state on that alone.

    Further ones are ignored: they would interrupt the saving.
    """
    signal.signal(signal.SIGTERM, lambda _, frame: _stop(frame))


def _stop(frame: FrameType | None) -> None:
    signal.signal(signal.SIGTERM, lambda *_: None)
    _interrupt(frame)


def _interrupt(frame: FrameType | None) -> None:
    handler = signal.getsignal(signal.SIGINT)
    if callable(handler):
        handler(signal.SIGINT, frame)
    else:  # a shell without job control lets its background jobs ignore Ctrl-C
        raise KeyboardInterrupt


def first_line(error: Exception) -> str:
    """What an error of Ray's says, of which there may be pages."""
    return (str(error).splitlines() or [type(error).__name__])[0]


@contextmanager
def local_ray(log: Path) -> Iterator[None]:
    """Start Ray on loopback, and stop it whatever happens in between.

    Args:
        log: takes what Ray prints; standard output stays for those who hold it already.

    Raises:
        StageError: it does not start, as on a machine that is far too busy.
    """
    import ray

    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("a", encoding="utf-8") as file, redirect_stdout(file):
        try:
            ray.init(
                address="local",
                # Two at least: a pruning agent or trial beside the server's replica.
                num_cpus=max(2, os.cpu_count() or 1),
                include_dashboard=False,
                logging_level=logging.ERROR,
                log_to_driver=False,
                _node_ip_address="127.0.0.1",
            )
        except Exception as error:  # Ray has no type of its own for that
            told = f"Ray did not start on this machine: {first_line(error)}"
            raise StageError(f"{told}; the same command tries again") from error
        # Ray's own handler would end the process with a core dump.
        stop_on_sigterm()
        try:
            yield
        finally:
            ray.shutdown()
