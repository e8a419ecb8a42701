"""Turns what pydantic found wrong into one line that a user can act on."""

from __future__ import annotations

import re
from types import NoneType
from typing import Any, TypeVar, get_args

from pydantic import BaseModel, ValidationError
from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails

from secateur.errors import MissingFieldError, SpecError, nearest

_SCALARS = {"bool", "int", "float", "str"}

# Tags that pydantic puts into a location to say which branch of a union it took.
_TAGS = {"range", "choice", "fixed"} | _SCALARS

# What pydantic says of types, in words of those who write YAML.
_TYPES = {
    "int": "a whole number",
    "float": "a number",
    "bool": "true or false",
    "string": "text, in quotes where YAML would read something else",
    "tuple": "a list",
    "list": "a list",
    "dict": "a mapping",
    "model": "a mapping",
    "path": "a path",
}
_COMPLAINTS = {"type", "attributes_type", "parsing", "parsing_size", "from_float"}
_PERCENT = range(10, 101)
"""What people write who take a share for a percentage."""
_KEY = "[key]"
"""Pydantic's last part of a location where a key is wrong, and not what it stands for."""

Model = TypeVar("Model", bound=BaseModel)


def validated(model: type[Model], content: dict[str, Any]) -> Model:
    """``content`` as a ``model``.

    Raises:
        SpecError: a field is unknown, of a wrong type or out of range.
    """
    try:
        meant = model.model_validate(content)
    except ValidationError as error:
        raise spec_error(model, error) from None
    _check_counted(content, meant)
    return meant


def _check_counted(given: Any, meant: Any, *path: str) -> None:
    """Refuse ``trials: yes``, which YAML reads as true and pydantic counts as 1."""
    if isinstance(given, bool) and isinstance(meant, (int, float)) and meant is not given:
        expected = "a number, which true, yes and on are not"
        raise SpecError(".".join(path), given, expected)
    if isinstance(given, dict):
        parts = meant if isinstance(meant, dict) else vars(meant)
        for name, part in given.items():
            _check_counted(part, parts.get(name), *path, name)
    elif isinstance(given, list) and isinstance(meant, tuple):
        for place, (part, one) in enumerate(zip(given, meant, strict=False)):
            _check_counted(part, one, *path, str(place))


def spec_error(model: type[BaseModel], error: ValidationError) -> SpecError:
    """The first complaint of ``error`` about ``model``, as a ``SpecError``.

    An unknown field comes before others: what else is wrong is often for want of it.
    """
    details = error.errors()
    first = min(details, key=lambda detail: detail["type"] != "extra_forbidden")
    owner, path, branches = _follow(model, first["loc"])
    if first["type"] == "missing":
        return MissingFieldError(path)
    expected = _scalar(first, details) or _expected(first, owner, branches)
    return SpecError(path or "job", _given(first), expected)


def _scalar(first: ErrorDetails, details: list[ErrorDetails]) -> str | None:
    """What all types of a union of scalars together say; nothing of other complaints."""
    *place, last = first["loc"]
    alike = {detail["loc"][-1]: detail for detail in details if [*detail["loc"][:-1]] == place}
    if last not in _SCALARS or len(alike) == 1:
        return None
    if any(detail["type"] == "finite_number" for detail in alike.values()):
        return "a finite number"
    if "str" not in alike:
        return "a number"
    alone = "a value, a list of values or {low, high}"
    return alone if place[-1] == "fixed" else "a value"


def _follow(
    model: type[BaseModel], location: tuple[int | str, ...]
) -> tuple[type[BaseModel], str, list[type[BaseModel]]]:
    """Where a location leads.

    Returns:
        The model that owns its last part, the path as a user wrote it, and the models that can
        stand there.
    """
    owner, branches = model, [model]
    path: list[str] = []
    for part in location:
        named = [branch for branch in branches if branch.__name__ == part]
        chosen = named or [branch for branch in branches if _kind(branch) == part]
        if named or (chosen and len(branches) > 1):
            owner, branches = chosen[0], chosen
            continue
        if part == _KEY or (part in _TAGS and path and part not in owner.model_fields):
            continue
        path.append(str(part))
        if isinstance(part, str):
            owner = branches[0] if len(branches) == 1 else owner
            field = owner.model_fields.get(part)
            branches = _models(field.annotation) if field else []
    return owner, ".".join(path), branches


def _models(annotation: Any) -> list[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return [annotation]
    return [model for argument in get_args(annotation) for model in _models(argument)]


def _kind(model: type[BaseModel]) -> str | None:
    """The tag by which a union tells a model from the others."""
    fields = model.model_fields
    field = fields.get("kind") or fields.get("method")
    return None if field is None else str(field.default)


def _given(detail: ErrorDetails) -> object:
    if detail["type"] == "extra_forbidden":
        return detail["loc"][-1]
    if detail["type"] == "union_tag_invalid":
        return detail["ctx"]["tag"]
    return detail["input"]


def _expected(detail: ErrorDetails, owner: type[BaseModel], branches: list[type[BaseModel]]) -> str:
    if detail["type"] == "extra_forbidden":
        return nearest(str(detail["loc"][-1]), owner.model_fields)
    if detail["type"] == "union_tag_invalid":
        context = detail["ctx"]
        return nearest(context["tag"], context["expected_tags"].replace("'", "").split(", "))
    if detail["type"] in ("too_long", "too_short"):
        return detail["msg"].partition(" should have ")[2].partition(" after ")[0]
    if detail["type"] == "string_pattern_mismatch":
        return f"text that matches {detail['ctx']['pattern']}"
    message = detail["msg"].removeprefix("Value error, ").removeprefix("Input should be ")
    return (_type(detail, owner, branches) or message[0].lower() + message[1:]) + _as_share(detail)


def _type(
    detail: ErrorDetails, owner: type[BaseModel], branches: list[type[BaseModel]]
) -> str | None:
    """What should stand where something of another type does; nothing of other complaints."""
    given, (type_, _, complaint) = detail["input"], detail["type"].partition("_")
    kinds = [kind for branch in branches if len(branches) > 1 and (kind := _kind(branch))]
    expected = _TYPES.get(type_) if complaint in _COMPLAINTS else None
    if detail["type"] == "union_tag_not_found" or (expected == "a mapping" and kinds):
        named = f"a mapping whose 'kind' is one of {', '.join(kinds)}"
        return f"{{kind: {given}}}" if given in kinds else named
    if expected == "a list" and kinds:
        return "a list of mappings, each with its 'kind'"
    if expected == "a list" and isinstance(given, (str, int, float)):
        return f"a list, such as [{given}]"
    if expected == "a mapping" and len(branches) == 1:
        return _mapping(branches[0], owner.model_fields.get(str(detail["loc"][-1])))
    return expected


def _mapping(model: type[BaseModel], field: FieldInfo | None) -> str:
    """A mapping in words, by its first field; what is left out by null may be that."""
    optional = field is not None and NoneType in get_args(field.annotation)
    return f"a mapping, as {{{next(iter(model.model_fields))}: ...}}{', or null' * optional}"


def _as_share(detail: ErrorDetails) -> str:
    """A hint for who wrote 50, or 50%, for a half."""
    given, bounds = detail["input"], detail.get("ctx", {})
    if given in _PERCENT and 1 in (bounds.get("lt"), bounds.get("le")):
        return f", as {given / 100:g} for {given:g} %"
    percent = re.fullmatch(r"(\d+(?:\.\d+)?) ?%", str(given))
    if detail["type"] == "float_parsing" and percent:
        return f", as {float(percent[1]) / 100:g} for {given}"
    return ""
