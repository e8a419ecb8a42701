"""What a search may vary: one dimension a hyperparameter, one space a network family.

A dimension is written in a spec as a value (fixed), a list (a choice) or a mapping
``{low, high, log, step}`` (a range).  Every network family has a space whose fields are
the keyword arguments of its builder in ``secateur.models``; a test holds the two together.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal, Self

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


Choice = Annotated[tuple[Scalar, ...], Field(min_length=1)]
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


def dimensions(space: Frozen) -> dict[str, Dimension]:
    """The dimensions of a space by field."""
    return {field: getattr(space, field) for field in type(space).model_fields if field != "kind"}


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


def _bounded(low: float, high: float, *, integer: bool) -> AfterValidator:
    def check(dimension: Dimension) -> Dimension:
        for value in ends(dimension):
            if not low <= _number(value, integer=integer) <= high:
                raise ValueError(f"values in [{low:g}, {high:g}], not {value}")
        return dimension

    return AfterValidator(check)


ACTIVATIONS = ("relu", "leaky-relu", "tanh", "sigmoid", "silu")
OPTIMIZERS = ("sgd", "momentum", "nesterov", "adagrad", "rmsprop", "adam", "adamw")


class MLPSpace(Frozen):
    """Multilayer perceptrons: ``depth`` hidden layers of ``width`` units."""

    kind: Literal["mlp"] = "mlp"
    depth: Annotated[Dimension, integers(1, 16)] = Range(low=1, high=3)
    width: Annotated[Dimension, integers(1, 16384)] = (64, 128, 256)
    activation: Annotated[Dimension, names(*ACTIVATIONS)] = "relu"
    dropout: Annotated[Dimension, reals(0, 0.9)] = 0.0


class LeNetSpace(Frozen):
    """LeNet-5 with ``width`` times its published channels (LeCun et al. 1998)."""

    kind: Literal["lenet"] = "lenet"
    width: Annotated[Dimension, reals(0.25, 16)] = (1.0, 2.0, 4.0)
    activation: Annotated[Dimension, names(*ACTIVATIONS)] = "relu"
    pooling: Annotated[Dimension, names("max", "average")] = "max"
    dropout: Annotated[Dimension, reals(0, 0.9)] = 0.0


class ResNetSpace(Frozen):
    """Residual networks of the CIFAR family (He et al. 2016): 6·``depth`` + 2 layers."""

    kind: Literal["resnet"] = "resnet"
    depth: Annotated[Dimension, integers(1, 18)] = Range(low=1, high=2)
    width: Annotated[Dimension, integers(4, 256)] = (8, 16)


NetworkSpace = Annotated[MLPSpace | LeNetSpace | ResNetSpace, Field(discriminator="kind")]


class RecipeSpace(Frozen):
    """Hyperparameters of training that a search may vary."""

    optimizer: Annotated[Dimension, names(*OPTIMIZERS)] = ("adam", "momentum")
    learning_rate: Annotated[Dimension, reals(1e-7, 10)] = Range(low=1e-4, high=1e-1, log=True)
    weight_decay: Annotated[Dimension, reals(0, 1)] = Range(low=1e-6, high=1e-2, log=True)
    batch_size: Annotated[Dimension, integers(1, 65536)] = (32, 64)
    label_smoothing: Annotated[Dimension, reals(0, 0.9)] = 0.0
