from __future__ import annotations

import pytest
from mlflow.exceptions import MlflowException, RestException

from secateur.tracking.faults import is_refusal, reason, shown


@pytest.mark.parametrize(
    ("address", "safe"),
    [
        ("http://ann:secret@host:5000/path", "http://host:5000/path"),
        ("http://ann:s@cret@host", "http://host"),
        ("postgresql+psycopg2://ann:secret@host/db", "postgresql+psycopg2://host/db"),
        ("GET http://ann:secret@a/b and http://c", "GET http://a/b and http://c"),
        ("sqlite:////home/ann@work/mlflow.db", "sqlite:////home/ann@work/mlflow.db"),
    ],
)
def test_no_password_is_shown(address: str, safe: str) -> None:
    assert shown(address) == safe


@pytest.mark.parametrize(
    ("text", "phrase"),
    [
        (
            "API request to endpoint x failed with error code 401 != 200. Response",
            "MLFLOW_TRACKING",
        ),
        ("PERMISSION_DENIED: Permission denied", "403, permission denied"),
        ("Max retries (Caused by ResponseError('too many 503 error responses'))", "answers 503"),
        ("HTTPConnectionPool(host='a'): Read timed out. (read timeout=30)", "no answer in time"),
        ("NameResolutionError(\"Failed to resolve 'mlflw' ([Errno -2] Name\")", "'mlflw'"),
        ("NewConnectionError('[Errno 111] Connection refused')", "Connection refused"),
        ("disk full at http://ann:secret@a\nmore", "disk full at http://a"),
        ("", "MlflowException"),
    ],
)
def test_a_failure_is_one_phrase(text: str, phrase: str) -> None:
    said = reason(MlflowException(text))
    assert phrase in said
    assert "\n" not in said
    assert "secret" not in said


def test_a_long_failure_is_cut() -> None:
    assert reason(ValueError("x" * 1000)) == "x" * 160 + "…"


def test_only_mlflow_itself_refuses_for_good() -> None:
    itself = RestException({"error_code": "INVALID_PARAMETER_VALUE", "message": "no"})
    between = MlflowException.invalid_parameter_value("a proxy's page")
    assert is_refusal(itself, "http://host")
    assert not is_refusal(between, "http://host")
    assert not is_refusal(RestException({"error_code": "PERMISSION_DENIED"}), "http://host")
    assert not is_refusal(ConnectionError("refused"), "http://host")
    assert is_refusal(MlflowException("error code 413 != 200"), "http://host")
    assert is_refusal(MlflowException.invalid_parameter_value("no"), "sqlite:///mlflow.db")
