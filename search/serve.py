"""Which registered models to serve, and how."""

from __future__ import annotations

import logging
import os
import signal
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path

from search.home import Home
from secateur.errors import RegistryError, RegistryUnreachableError
from secateur.tracking.faults import shown
from serving import spec
from serving.keys import Keys
from serving.limits import Limits
from serving.source import RegistrySource, kept_models, mlflow_registry
from serving.spec import ServeSpec

logger = logging.getLogger(__name__)


def settings(
    home: Home, config: Path | None, given: Mapping[str, object], limits: Sequence[str]
) -> ServeSpec:
    """What a file and the command line ask of the server.

    Args:
        home: has the logs, where nothing else is said.
        config: YAML file of settings.
        given: fields of the command line, which count for more; None and () where not said.
        limits: assignments, such as ``body_bytes=1048576``.

    Raises:
        SpecError: a setting that cannot be used.
    """
    files = {"access_log": home.folder / "access.log", "log": home.folder / "serve.log"}
    content = files | (spec.read(config) if config else {})
    said = {name: value for name, value in given.items() if value not in (None, ())}
    asked = spec.parse(content | said)
    return asked.model_copy(update={"limits": Limits.of(limits, asked.limits)})


def until_stopped() -> None:
    """Return on Ctrl-C, or on SIGTERM where that has been made the same."""
    with suppress(KeyboardInterrupt):
        signal.pause()


def open_to_all(asked: ServeSpec) -> bool:
    """Whether others than this machine's users may ask, and need no key.

    Raises:
        UserError: the keys cannot be read.
    """
    return Keys.find(asked.keys, os.environ) is None and not asked.host.startswith("127.")


def _champions(home: Home) -> list[str]:
    try:
        return mlflow_registry(home.tracking_uri).champions()
    except RegistryUnreachableError as error:
        if not kept_models(home.model_cache):
            raise
        logger.warning("%s", error)
        return []


def sources(home: Home, names: Sequence[str]) -> list[RegistrySource]:
    """One source a model: those named, or all champions.

    Without a registry these are the models that have been served here before.

    Raises:
        RegistryError: there is no champion, or neither a registry nor a model from before.
    """
    wanted = list(names) or _champions(home) or kept_models(home.model_cache)
    if not wanted:
        raise RegistryError(
            f"{shown(home.tracking_uri)}: no model has a champion; expected one that a job "
            "published, or secateur promote"
        )
    return [RegistrySource(name, home.tracking_uri, home.model_cache) for name in wanted]
