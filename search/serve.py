"""Which registered models to serve."""

from __future__ import annotations

from collections.abc import Sequence

from search.home import Home
from secateur.errors import RegistryError
from secateur.tracking.registry import Registry
from serving.source import RegistrySource


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
