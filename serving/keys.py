"""API keys: who may ask which model. Only their SHA-256 is ever kept."""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Self

from secateur.errors import UserError

# Holds the lines of a keys file, parted by semicolons or line ends.
VARIABLE: Final = "SECATEUR_API_KEYS"

_DIGEST = re.compile(r"[0-9a-fA-F]{64}")


@dataclass(frozen=True)
class Key:
    """One client's key.

    Attributes:
        client: whom it was given to; named in the access log.
        digest: SHA-256 of the key.
        models: that it opens; all where empty.
    """

    client: str
    digest: bytes
    models: frozenset[str] = frozenset()

    def opens(self, model: str) -> bool:
        """Whether the client may ask ``model``."""
        return not self.models or model in self.models


@dataclass(frozen=True)
class Keys:
    """All keys that are known.

    A key is long and random, so that its plain SHA-256 cannot be searched for; passwords
    would need more.
    """

    entries: tuple[Key, ...]

    @classmethod
    def parse(cls, text: str, source: str) -> Self:
        """Read lines of a client's name, the key's SHA-256, and the models that it opens.

        Empty lines and those that begin with ``#`` are passed over; a line that names no
        model opens all.

        Args:
            text: the lines of a file.
            source: their file or variable, for errors.

        Raises:
            UserError: a line of another form, or no key at all.
        """
        keys = []
        for number, line in enumerate(text.split("\n"), start=1):
            words = line.split()
            if not words or words[0].startswith("#"):
                continue
            if len(words) == 1 or not _DIGEST.fullmatch(words[1]):
                raise UserError(
                    f"{source}: line {number}: expected a client's name, the 64 hexadecimal "
                    "digits of its key's SHA-256, and the models it opens, if not all"
                )
            keys.append(Key(words[0], bytes.fromhex(words[1]), frozenset(words[2:])))
        if not keys:
            raise UserError(f"{source}: holds no key; expected one a line")
        return cls(tuple(keys))

    @classmethod
    def find(cls, file: Path | None, environment: Mapping[str, str]) -> Self | None:
        """The keys of ``file``, else those of the environment; absent where there are none.

        Raises:
            UserError: the file cannot be read, or a line is of another form.
        """
        if file is not None:
            try:
                return cls.parse(file.read_text(encoding="utf-8"), str(file))
            except (OSError, UnicodeDecodeError) as error:
                reason = getattr(error, "strerror", None) or "not text"
                raise UserError(f"{file}: {reason}; expected a file of keys") from None
        if text := environment.get(VARIABLE):
            return cls.parse(text.replace(";", "\n"), VARIABLE)
        return None

    def match(self, secret: str) -> Key | None:
        """The entry of a key; in the same time whichever it is, or none."""
        digest = hashlib.sha256(secret.encode("utf-8", "surrogateescape")).digest()
        found = None
        for key in self.entries:
            if hmac.compare_digest(key.digest, digest):
                found = key
        return found
