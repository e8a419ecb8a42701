"""The gateway's life on a running Ray: start, address, stop."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from serving.client import check_live
from serving.gateway.application import build
from serving.gateway.journal import Journal
from serving.gateway.logs import FOLLOW_S
from serving.gateway.spec import GatewaySpec
from serving.server import launch, stop


@contextmanager
def running(spec: GatewaySpec, environment: Mapping[str, str] = os.environ) -> Iterator[str]:
    """A gateway on the Ray that this process is connected to, and its base URL.

    Args:
        spec: of the gateway.
        environment: names the roots.

    Raises:
        ServerStartError: as ``serving.server.launch``; or another gateway has the journal.
        SpecError: the roots are no absolute folders.
    """
    # Told from here, what is wrong with it is told in its own words.
    Journal(spec.folder).close()
    url = launch(build(spec, environment), spec.front(), check_live, FOLLOW_S)
    try:
        yield url
    finally:
        stop()
