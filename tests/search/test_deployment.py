from __future__ import annotations

from pathlib import Path

import pytest

from search.deployment import models
from secateur.errors import SpecError
from serving.application import DEPLOYMENT


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SECATEUR_HOME", str(tmp_path))
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)


def test_named_models_are_described_before_the_registry_is_asked() -> None:
    """Serve's controller describes it; replicas ask the registry."""
    deployment = models({"models": ["digits"], "replicas": 3})._bound_deployment
    assert deployment.name == DEPLOYMENT
    assert deployment.num_replicas == 3
    (source,), spec, keys = deployment.init_args
    assert (source.name, spec.replicas, keys) == ("digits", 3, None)


@pytest.mark.parametrize(
    ("field", "value"), [("host", "0.0.0.0"), ("port", 80), ("ingress", "auto")]
)
def test_what_serve_says_itself_is_refused(field: str, value: object) -> None:
    with pytest.raises(SpecError, match="in http_options of Serve's configuration") as refused:
        models({field: value})
    assert (refused.value.field, refused.value.value) == (field, value)


def test_other_mistakes_are_those_of_any_server() -> None:
    with pytest.raises(SpecError, match="replica: "):
        models({"replica": 2})
