"""YAML files that users write."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

from secateur.errors import SpecError


def read(path: Path, needs: str) -> dict[str, Any]:
    """The mapping in a YAML file; runs no code, whatever the file says.

    Args:
        path: of the file.
        needs: what the mapping holds, for the error where there is none.

    Raises:
        SpecError: the file is absent, no YAML, or no mapping.
    """
    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise SpecError(str(path), error.strerror, "a readable YAML file") from None
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise SpecError(str(path), str(error).splitlines()[0], "valid YAML") from None
    if not isinstance(content, dict):
        raise SpecError(str(path), content, f"a mapping {needs}")
    return content
