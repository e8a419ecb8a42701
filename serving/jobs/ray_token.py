"""The token that a Ray with authentication asks for, found where Ray's own clients find it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from secateur.errors import UserError

_MODE, _TOKEN, _FILE = "RAY_AUTH_MODE", "RAY_AUTH_TOKEN", "RAY_AUTH_TOKEN_PATH"


def find(environment: Mapping[str, str]) -> str | None:
    """``RAY_AUTH_TOKEN``, else the file of ``RAY_AUTH_TOKEN_PATH``, else ``~/.ray/auth_token``.

    Returns:
        Nothing where there is none, or ``RAY_AUTH_MODE`` is ``disabled``.

    Raises:
        UserError: ``RAY_AUTH_TOKEN_PATH`` names a file that cannot be read.
    """
    if environment.get(_MODE, "").lower() == "disabled":
        return None
    if token := environment.get(_TOKEN, "").strip():
        return token
    if named := environment.get(_FILE):
        try:
            return Path(named).read_text(encoding="utf-8").strip() or None
        except (OSError, UnicodeDecodeError) as error:
            reason = getattr(error, "strerror", None) or "not text"
            raise UserError(f"{_FILE}: {named}: {reason}; expected a file with a token") from None
    usual = Path(environment.get("HOME", "~")).expanduser() / ".ray" / "auth_token"
    try:
        return usual.read_text(encoding="utf-8").strip() or None
    except (OSError, UnicodeDecodeError):
        return None
