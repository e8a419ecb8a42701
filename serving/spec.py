"""The server: everything that a user may ask of it, and nothing that runs code.

``load`` reads a YAML file into a ``ServeSpec`` or raises a ``SpecError`` that names the
field, the value and what would be right.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, Discriminator, Field, Tag, field_validator, model_validator

from secateur import yaml_file
from secateur.manifest import ServedPrecision
from secateur.spaces import Frozen
from secateur.validation import validated
from serving.limits import Limits

FREE_PORT = 0

# Against the working directory of the process that reads it: replicas have their own.
AbsolutePath = Annotated[Path, AfterValidator(Path.absolute)]


class Autoscale(Frozen):
    """Replicas by what there is to do.

    Attributes:
        least: replicas that always run.
        most: replicas at the highest.
        ongoing: requests that one replica should be working on, as an average of the last
            ten seconds.
        grow_seconds: that there must be too few replicas before more are started.
        shrink_seconds: that there must be too many before some are drained and stopped.
    """

    least: int = Field(default=1, ge=1)
    most: int = Field(ge=1)
    ongoing: float = Field(default=8.0, gt=0)
    grow_seconds: float = Field(default=5.0, gt=0)
    shrink_seconds: float = Field(default=120.0, gt=0)

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if self.most < self.least:
            raise ValueError(f"most not below least, unlike {self.most} and {self.least}")
        return self


class Share(Frozen):
    """A challenger answers some of the requests.

    Attributes:
        share: of the requests that name no version, in (0, 1).
    """

    share: float = Field(gt=0, lt=1)


class Shadow(Frozen):
    """A challenger is asked as well, and its answers are compared but never given."""

    shadow: Literal[True]


def _replicas(value: Any) -> str | None:
    if isinstance(value, Autoscale | dict):
        return "Autoscale"
    return "int" if isinstance(value, int) and not isinstance(value, bool) else None


def _challenger(value: Any) -> str | None:
    for kind in (Share, Shadow):
        (field,) = kind.model_fields
        if isinstance(value, kind) or (isinstance(value, dict) and field in value):
            return kind.__name__
    return None


Replicas = Annotated[
    Annotated[int, Field(ge=1), Tag("int")] | Annotated[Autoscale, Tag("Autoscale")],
    Discriminator(
        _replicas,
        custom_error_type="replicas",
        custom_error_message="a whole number above 0, or {least: ..., most: ...}",
    ),
]
Challenger = Annotated[
    Annotated[Share, Tag("Share")] | Annotated[Shadow, Tag("Shadow")],
    Discriminator(
        _challenger,
        custom_error_type="challenger",
        custom_error_message="{share: 0.1}, or {shadow: true}",
    ),
]


class ServeSpec(Frozen):
    """One server, from the models that it holds to the port that it listens on.

    Attributes:
        models: names of registered models; all that are registered where empty.
        host: address to listen on; nothing else is listened on.
        port: to listen on; ``FREE_PORT`` for any that is free.
        replicas: server processes, each with one CPU and every model; or how to choose
            their number by what there is to do.
        precision: of the graphs that answer; a model without that variant is refused.
        challenger: what to do with a model's challenger, where it has one.
        refresh_seconds: between looks at the registry.
        ingress: what takes the connections: HAProxy, Ray Serve's own proxy, or HAProxy
            where it is installed.
        limits: bounds on requests.
        keys: file of API keys; those of the environment where absent.
        access_log: file that takes a line a request; the replicas' output where absent.
        log: file that takes what the replicas do of themselves, such as changes of version;
            their output where absent.
    """

    models: tuple[str, ...] = ()
    host: str = Field(default="127.0.0.1", min_length=1)
    port: int = Field(default=8000, ge=0, le=65535)
    replicas: Replicas = 1
    precision: ServedPrecision = "float32"
    challenger: Challenger | None = None
    refresh_seconds: float = Field(default=2.0, gt=0)
    ingress: Literal["auto", "haproxy", "serve"] = "auto"
    limits: Limits = Limits()
    keys: AbsolutePath | None = None
    access_log: AbsolutePath | None = None
    log: AbsolutePath | None = None

    @field_validator("models")
    @classmethod
    def _distinct(cls, models: tuple[str, ...]) -> tuple[str, ...]:
        if len(set(models)) < len(models):
            raise ValueError("every model named once")
        return models

    @property
    def least_replicas(self) -> int:
        """Replicas that run however little there is to do."""
        return self.replicas.least if isinstance(self.replicas, Autoscale) else self.replicas

    @property
    def most_replicas(self) -> int:
        """Replicas that run however much there is to do."""
        return self.replicas.most if isinstance(self.replicas, Autoscale) else self.replicas


def load(path: Path) -> ServeSpec:
    """Read and validate a server's file.

    Raises:
        SpecError: the file is absent or no YAML, or a field is unknown, of a wrong type
            or out of range.
    """
    return parse(read(path))


def read(path: Path) -> dict[str, Any]:
    """The fields that a server's file sets, not validated yet."""
    return yaml_file.read(path, "of a server's settings, such as 'port: 8000'")


def parse(content: dict[str, Any]) -> ServeSpec:
    """Validate a server given as a mapping; raises as ``load`` does."""
    return validated(ServeSpec, content)
