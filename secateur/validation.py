"""Turns what pydantic found wrong into one line that a user can act on."""

from __future__ import annotations

from typing import Any, TypeVar, get_args

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from secateur.errors import SpecError, nearest

# Tags that pydantic puts into a location to say which branch of a union it took.
_TAGS = {"range", "choice", "fixed", "int"}

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

Model = TypeVar("Model", bound=BaseModel)


def validated(model: type[Model], content: dict[str, Any]) -> Model:
    """``content`` as a ``model``.

    Raises:
        SpecError: a field is unknown, of a wrong type or out of range.
    """
    try:
        return model.model_validate(content)
    except ValidationError as error:
        raise spec_error(model, error) from None


def spec_error(model: type[BaseModel], error: ValidationError) -> SpecError:
    """The first complaint of ``error`` about ``model``, as a ``SpecError``.

    An unknown field comes before others: what else is wrong is often for want of it.
    """
    first = min(error.errors(), key=lambda detail: detail["type"] != "extra_forbidden")
    owner, path, branches = _follow(model, first["loc"])
    return SpecError(path or "job", _given(first), _expected(first, owner, branches))


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
        if part in _TAGS and path and part not in owner.model_fields:
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
    return "nothing" if detail["type"] == "missing" else detail["input"]


def _expected(detail: ErrorDetails, owner: type[BaseModel], branches: list[type[BaseModel]]) -> str:
    if detail["type"] == "extra_forbidden":
        return nearest(str(detail["loc"][-1]), owner.model_fields)
    if detail["type"] == "union_tag_invalid":
        context = detail["ctx"]
        return nearest(context["tag"], context["expected_tags"].replace("'", "").split(", "))
    if detail["type"] == "missing":
        return "a value, the field is required"
    if detail["type"] in ("too_long", "too_short"):
        return detail["msg"].partition(" should have ")[2].partition(" after ")[0]
    if detail["type"] == "string_pattern_mismatch":
        return f"text that matches {detail['ctx']['pattern']}"
    message = detail["msg"].removeprefix("Value error, ").removeprefix("Input should be ")
    kinds = [kind for branch in branches if len(branches) > 1 and (kind := _kind(branch))]
    return _type(detail, kinds) or message[0].lower() + message[1:] + _as_share(detail)


def _type(detail: ErrorDetails, kinds: list[str]) -> str | None:
    """What should stand where something of another type does; nothing of other complaints."""
    given, (type_, _, complaint) = detail["input"], detail["type"].partition("_")
    expected = _TYPES.get(type_) if complaint in _COMPLAINTS else None
    if detail["type"] == "union_tag_not_found" or (expected == "a mapping" and kinds):
        named = f"a mapping whose 'kind' is one of {', '.join(kinds)}"
        return f"{{kind: {given}}}" if given in kinds else named
    if expected == "a list" and kinds:
        return "a list of mappings, each with its 'kind'"
    if expected == "a list" and isinstance(given, (str, int, float)):
        return f"a list, such as [{given}]"
    return expected


def _as_share(detail: ErrorDetails) -> str:
    """A hint for who wrote 50 for a half."""
    given, bounds = detail["input"], detail.get("ctx", {})
    if given in _PERCENT and 1 in (bounds.get("lt"), bounds.get("le")):
        return f", as {given / 100:g} for {given:g} %"
    return ""
