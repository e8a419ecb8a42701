"""The server of models as Ray Serve's own configuration names it, e.g. for KubeRay's RayService."""

from __future__ import annotations

from typing import Any

from ray import serve

from search.home import Home
from search.serve import sources
from secateur.errors import SpecError
from serving import spec
from serving.application import build

# Serve's configuration says these itself, under http_options.
_OF_SERVE = ("host", "port", "ingress")


def models(settings: dict[str, Any]) -> serve.Application:
    """Describe the server of models: ``import_path: search.deployment:models``.

    Args:
        settings: the fields of ``secateur serve --config``; all champions by default. Models
            come from the registry of ``MLFLOW_TRACKING_URI`` and are kept under
            ``SECATEUR_HOME``, API keys from ``SECATEUR_API_KEYS`` where no file is named.

    Raises:
        SpecError: a setting that cannot be used, or one that is Serve's own.
        SecateurError: there is no model, or API keys cannot be read.
    """
    for field in _OF_SERVE:
        if field in settings:
            raise SpecError(field, settings[field], "in http_options of Serve's configuration")
    asked = spec.parse(settings)
    return build(sources(Home.find(), asked.models), asked)
