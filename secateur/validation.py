"""Turns what pydantic found wrong into one line that a user can act on."""

from __future__ import annotations

from typing import Any, TypeVar, get_args

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from secateur.errors import SpecError, nearest

# Tags that pydantic puts into a location to say which branch of a union it took.
_TAGS = {"range", "choice", "fixed", "int"}

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
    """The first complaint of ``error`` about ``model``, as a ``SpecError``."""
    first = error.errors()[0]
    owner, path = _follow(model, first["loc"])
    return SpecError(path or "job", _given(first), _expected(first, owner))


def _follow(model: type[BaseModel], location: tuple[int | str, ...]) -> tuple[type[BaseModel], str]:
    """The model that owns the last part of a location, and the path as a user wrote it."""
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
    return owner, ".".join(path)


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


def _expected(detail: ErrorDetails, owner: type[BaseModel]) -> str:
    if detail["type"] == "extra_forbidden":
        return nearest(str(detail["loc"][-1]), owner.model_fields)
    if detail["type"] == "union_tag_invalid":
        context = detail["ctx"]
        return nearest(context["tag"], context["expected_tags"].replace("'", "").split(", "))
    if detail["type"] == "missing":
        return "a value, the field is required"
    message = detail["msg"].removeprefix("Value error, ").removeprefix("Input should be ")
    return message[0].lower() + message[1:]
