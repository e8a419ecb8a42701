"""One dimension of a search space: a value, a list (a choice) or ``{low, high, log}`` (a range)."""

from __future__ import annotations

import re
from typing import Annotated, Any, Self

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Discriminator,
    Field,
    Tag,
    model_validator,
)

from secateur.errors import nearest
from secateur.records import Scalar


class Frozen(BaseModel):
    """Base of everything in a spec: immutable, unknown fields refused."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


Share = Annotated[float, Field(gt=0, lt=1)]


class Range(Frozen):
    """All integers or reals from ``low`` to ``high``, both included.

    Attributes:
        low: least value.
        high: greatest value, not below ``low``.
        log: spread evenly over orders of magnitude; needs ``low`` above 0.
    """

    low: int | float
    high: int | float
    log: bool = False

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if self.low > self.high:
            raise ValueError(f"low not above high, unlike {self.low} and {self.high}")
        if self.log and self.low <= 0:
            raise ValueError(f"low above 0 in a log range, not {self.low}")
        return self

    @property
    def is_integer(self) -> bool:
        """Whether both ends are whole numbers, so that every value is."""
        return isinstance(self.low, int) and isinstance(self.high, int)


def _shape(value: Any) -> str:
    if isinstance(value, (dict, Range)):
        return "range"
    return "choice" if isinstance(value, (list, tuple)) else "fixed"


Choice = Annotated[tuple[Scalar, ...], Field(min_length=1, max_length=1000)]
Dimension = Annotated[
    Annotated[Range, Tag("range")]
    | Annotated[Choice, Tag("choice")]
    | Annotated[Scalar, Tag("fixed")],
    Discriminator(_shape),
]


def ends(dimension: Dimension) -> tuple[Scalar, ...]:
    """The values that decide whether a dimension is valid: its ends or its choices."""
    if isinstance(dimension, Range):
        return (dimension.low, dimension.high)
    return dimension if isinstance(dimension, tuple) else (dimension,)


_NO_DIMENSIONS = frozenset({"kind", "weights", "start", "top_layers"})


def fields(space: type[Frozen]) -> tuple[str, ...]:
    """Names of a space's dimensions: its fields but for the family and where it starts from."""
    return tuple(field for field in space.model_fields if field not in _NO_DIMENSIONS)


def dimensions(space: Frozen) -> dict[str, Dimension]:
    """The dimensions of a space by field."""
    return {field: getattr(space, field) for field in fields(type(space))}


_EXPONENT = re.compile(r"[-+]?\d+(\.\d*)?[eE][-+]?\d+")


def _read(value: Scalar) -> Scalar:
    """``1e-3`` as a number: YAML 1.1 takes it for text, since it has no point."""
    return float(value) if isinstance(value, str) and _EXPONENT.fullmatch(value) else value


def _with_exponents(dimension: Dimension) -> Dimension:
    if isinstance(dimension, Range):
        return dimension
    return tuple(map(_read, dimension)) if isinstance(dimension, tuple) else _read(dimension)


def _number(value: Scalar, *, integer: bool) -> float:
    if isinstance(value, bool) or not isinstance(value, int if integer else (int, float)):
        raise ValueError(f"{'whole numbers' if integer else 'numbers'}, not {value!r}")
    return float(value)


def integers(low: int, high: int) -> AfterValidator:
    """Hold a dimension to whole numbers in [low, high]."""
    return _bounded(low, high, integer=True)


def reals(low: float, high: float) -> AfterValidator:
    """Hold a dimension to numbers in [low, high]."""
    return _bounded(low, high, integer=False)


def names(*known: str) -> AfterValidator:
    """Hold a dimension to names out of ``known``."""

    def check(dimension: Dimension) -> Dimension:
        for value in ends(dimension):
            if value not in known:
                raise ValueError(nearest(str(value), known))
        return dimension

    return AfterValidator(check)


def numbers(*known: int) -> AfterValidator:
    """Hold a dimension to some whole numbers, which a range would leave."""

    def check(dimension: Dimension) -> Dimension:
        listed = ", ".join(map(str, known))
        if isinstance(dimension, Range):
            raise ValueError(f"a value or a list of values out of {listed}, not a range")
        for value in ends(dimension):
            if _number(value, integer=True) not in known:
                raise ValueError(f"values out of {listed}, not {value}")
        return dimension

    return AfterValidator(check)


def _bounded(low: float, high: float, *, integer: bool) -> AfterValidator:
    def check(dimension: Dimension) -> Dimension:
        dimension = dimension if integer else _with_exponents(dimension)
        for value in ends(dimension):
            if not low <= _number(value, integer=integer) <= high:
                raise ValueError(f"values in [{low:g}, {high:g}], not {value}")
        return dimension

    return AfterValidator(check)
