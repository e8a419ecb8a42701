"""The spec in a request's body, whether YAML or JSON."""

from __future__ import annotations

import asyncio
import json
from typing import Any, Final

import yaml
from starlette.requests import Request

from serving.admission import Place
from serving.bodies import check_type, read_body
from serving.errors import BadRequestError
from serving.jobs.records import MOST_BYTES
from serving.limits import Limits

JSON: Final = ("application/json", "application/*+json")
YAML: Final = ("application/yaml", "application/x-yaml", "text/*")
# What curl says of any body, and what it says of a file.
_UNSAID: Final = ("application/x-www-form-urlencoded", "application/octet-stream")

# A spec may be longer as JSON than as YAML, which alone counts.
_MOST_BYTES: Final = 4 * MOST_BYTES


async def spec_text(request: Request, limits: Limits, place: Place) -> str:
    """The text of a spec, as YAML.

    Raises:
        BadRequestError: no UTF-8, or no JSON where the content type says so.
        ContentTooLargeError, LateBodyError, UnsupportedMediaError: as ``read_body``.
    """
    check_type(request, (*YAML, *JSON, *_UNSAID))
    small = limits.model_copy(update={"body_bytes": min(_MOST_BYTES, limits.body_bytes)})
    body = await read_body(request, small, place)
    try:
        text = body.decode()
    except UnicodeDecodeError:
        raise BadRequestError("the body is not UTF-8") from None
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    # Beside the loop: YAML takes its time to write.
    return await asyncio.to_thread(_from_json, text) if kind.endswith("json") else text


def _from_json(text: str) -> str:
    """The same in YAML, which reads some numbers of JSON otherwise."""
    try:
        content = json.loads(text, object_pairs_hook=_once, parse_constant=_refuse)
        return str(yaml.safe_dump(content, sort_keys=False, allow_unicode=True))
    except RecursionError:
        raise BadRequestError("body: JSON nested too deeply") from None
    except (ValueError, yaml.YAMLError) as error:
        raise BadRequestError(f"body: no usable JSON: {error}") from None


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise ValueError(f"the key '{twice[:40]}' is there twice")
    return found


def _refuse(constant: str) -> float:
    raise ValueError(f"{constant} is no number of JSON")
