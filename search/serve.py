"""Which registered models to serve, and how."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import TypedDict

from search.home import Home
from secateur.errors import RegistryError
from secateur.tracking.registry import Registry
from serving import proxy
from serving.keys import Keys
from serving.limits import Limits
from serving.source import RegistrySource


class Options(TypedDict):
    """Arguments of ``serving.server.running``."""

    limits: Limits
    keys: Keys | None
    access_log: Path


def options(limits: Sequence[str], keys: Path | None, access_log: Path) -> Options:
    """What the command line asks of the server; prepares the environment of its Ray.

    Args:
        limits: assignments, such as ``body_bytes=1048576``.
        keys: file of API keys; those of the environment where absent.
        access_log: file that takes a line a request.

    Raises:
        UserError: a limit or key that cannot be used.
    """
    for name, value in proxy.ENVIRONMENT.items():
        os.environ.setdefault(name, value)
    return Options(
        limits=Limits.of(limits), keys=Keys.find(keys, os.environ), access_log=access_log
    )


def sources(home: Home, names: Sequence[str]) -> list[RegistrySource]:
    """One source a model: those named, or all that are registered.

    Raises:
        RegistryError: nothing is registered.
    """
    wanted = list(names) or Registry(home.tracking_uri).names()
    if not wanted:
        raise RegistryError(
            f"{home.tracking_uri}: no model is registered; expected one that a job published"
        )
    return [RegistrySource(name, home.tracking_uri, home.model_cache) for name in wanted]
