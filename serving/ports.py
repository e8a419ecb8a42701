"""Ports to listen on."""

from __future__ import annotations

import errno
import socket

from secateur.errors import cause
from serving.errors import ServerStartError

_REASONS = {errno.EADDRINUSE: "is taken", errno.EACCES: "needs more rights"}


def free(host: str, port: int) -> int:
    """The port itself where it can be listened on, or any free one for 0.

    Raises:
        ServerStartError: it is taken, or ``host`` is no address of this machine.
    """
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            if reason := _REASONS.get(error.errno or 0):
                told = f"port {port} of {host} {reason}; expected a free one"
            else:
                told = f"host '{host}': {cause(error)}; expected an IPv4 address of this machine"
            raise ServerStartError(told) from None
        return int(probe.getsockname()[1])
