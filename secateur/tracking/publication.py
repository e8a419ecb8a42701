"""How a saved model becomes a version of a registered one.

Errors are MLflow's own; ``secateur.tracking.registry`` says them in our words.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from mlflow import MlflowClient
from mlflow.exceptions import MlflowException

from secateur.tracking import flavor
from secateur.tracking.card import Card
from secateur.tracking.faults import ABSENT

# Tags of a version: SHA-256 of its manifest, which holds those of its files, and its gate.
SEAL = "secateur.manifest_sha256"
GATE = "secateur.gate"
# MLflow's codes.
_HIDDEN, _TAKEN = "PERMISSION_DENIED", "RESOURCE_ALREADY_EXISTS"


def find(client: MlflowClient, run: str, name: str, seal: str) -> str | None:
    """The version that a run has made of these files already, if it was interrupted then."""
    found = client.search_model_versions(f"name = '{name}' AND run_id = '{run}'")
    return next((str(one.version) for one in found if one.tags.get(SEAL) == seal), None)


def add(
    client: MlflowClient, run: str, name: str, folder: Path, card: Card, tags: Mapping[str, str]
) -> str:
    """Log the model saved in ``folder`` with a run, and make it a version.

    Args:
        client: of the store; MLflow's global address must be the same.
        run: id of the run that publishes.
        name: of the registered model; created where it is absent.
        folder: a saved model.
        card: what the version says of itself.
        tags: of the version, besides those of the card.
    """
    info = flavor.log(client, run, folder, card)
    _ensure(client, name)
    version = client.create_model_version(
        name,
        info.model_uri,
        run,
        tags={**card.tags, **tags},
        description=card.description or None,
        model_id=info.model_id,
    )
    return str(version.version)


def _ensure(client: MlflowClient, name: str) -> None:
    try:
        client.get_registered_model(name)
    except MlflowException as unseen:
        # A server with permissions hides whether a model is absent or somebody else's.
        if unseen.error_code not in (*ABSENT, _HIDDEN):
            raise
        try:
            client.create_registered_model(name)
        except MlflowException as error:
            if error.error_code == _TAKEN:
                raise unseen from error
            raise
