"""What a person is told of a server that fails, in one phrase and without a password."""

from __future__ import annotations

import re

from mlflow.exceptions import MlflowException, RestException

from secateur.errors import RegistryError, RegistryUnreachableError

DENIED = "403, permission denied"
"""Begins the reason of a server that knows who asks, and does not let them."""

NO_ALIAS = "INVALID_PARAMETER_VALUE"
"""MLflow's code of an alias that is not there."""

ABSENT = ("RESOURCE_DOES_NOT_EXIST", NO_ALIAS)
"""MLflow's codes of a model, a version or an alias that is not there."""

_CREDENTIALS = "MLFLOW_TRACKING_USERNAME and MLFLOW_TRACKING_PASSWORD"
_LONGEST = 160
# What MLflow wraps, several layers deep, and what is to be said of it.
_PHRASES: tuple[tuple[str, str], ...] = (
    (
        r"error code 401|401 Client Error|UNAUTHENTICATED",
        f"401, who asks is not known; set {_CREDENTIALS}",
    ),
    (
        "Invalid Host header",
        "403, it does not go by the name in MLFLOW_TRACKING_URI; expected one of the server's "
        "MLFLOW_SERVER_ALLOWED_HOSTS",
    ),
    (
        r"error code 403|403 Client Error|PERMISSION_DENIED",
        f"{DENIED}; set {_CREDENTIALS} of one who may",
    ),
    (r"too many (\d{3}) error responses|error code (5\d\d)", "it answers {0}"),
    (r"[Tt]imed out", "no answer in time (MLFLOW_HTTP_REQUEST_TIMEOUT)"),
    (r"Failed to resolve '([^']*)'", "no machine is called '{0}'; see MLFLOW_TRACKING_URI"),
    (r"\[Errno -?\d+\] ([\w ]+)", "{0}"),
    (r"(Remote end closed connection|Connection aborted)", "{0}"),
)  # fmt: skip
# Codes of MLflow's own answers that asking again will not change.
_REFUSALS = (
    "BAD_REQUEST",
    "INVALID_PARAMETER_VALUE",
    "RESOURCE_ALREADY_EXISTS",
    "RESOURCE_DOES_NOT_EXIST",
)
_TOO_LARGE = r"error code 413|413 Client Error"


def shown(text: str) -> str:
    """An address, or a text with addresses, without the user and password that they may hold.

    >>> shown("http://ann:secret@host:5000/path")
    'http://host:5000/path'
    """
    return re.sub(r"//[^/\s]*@", "//", text)


def reason(error: BaseException) -> str:
    """Why a server failed, as one phrase."""
    text = str(error)
    for pattern, phrase in _PHRASES:
        if found := re.search(pattern, text):
            return shown(phrase.format(*filter(None, found.groups())))
    first = shown((text.splitlines() or [type(error).__name__])[0])
    return first if len(first) <= _LONGEST else f"{first[:_LONGEST]}…"


def is_refusal(error: BaseException, uri: str) -> bool:
    """Whether asking again is in vain.

    Either MLflow itself says no, rather than something in between, or the request is too large.
    """
    if re.search(_TOO_LARGE, str(error)):
        return True
    itself = isinstance(error, RestException if uri.startswith("http") else MlflowException)
    return itself and getattr(error, "error_code", None) in _REFUSALS


def registry_error(error: MlflowException, absent: str, uri: str) -> RegistryError:
    """An error of the registry in our words.

    Args:
        error: MLflow's.
        absent: what is to be said where what was asked for is not there.
        uri: of the registry.

    Returns:
        A ``RegistryUnreachableError`` where the registry does not answer, or not to who asks.
    """
    if error.error_code in ABSENT:
        return RegistryError(absent)
    why = reason(error)
    if why.startswith(DENIED):
        return RegistryUnreachableError(f"{absent} ({why})")
    return RegistryUnreachableError(f"the registry at {shown(uri)} does not answer: {why}")
