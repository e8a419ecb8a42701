"""What stages asked of a tracker, as records that outlive the process."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from secateur.records import Scalar
from secateur.tracking.port import Status, UsedData


class Operation(BaseModel):
    """Base of all operations: frozen, one line of JSON, infinite and undefined metrics included.

    Attributes:
        run: key of the run that it is about.
        at: milliseconds since 1970 when it was asked for.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", ser_json_inf_nan="constants")

    run: str
    at: int


class Start(Operation):
    """Find or create a run; see ``Tracker.start``."""

    kind: Literal["start"] = "start"
    name: str
    parent: str | None = None
    parameters: dict[str, Scalar] = {}
    tags: dict[str, str] = {}
    identity: str = ""


class Discard(Operation):
    """Take away a run that never counted."""

    kind: Literal["discard"] = "discard"


class Log(Operation):
    """Metrics of one step."""

    kind: Literal["log"] = "log"
    metrics: dict[str, float]
    step: int


class Tag(Operation):
    """Set tags."""

    kind: Literal["tag"] = "tag"
    tags: dict[str, str]


class Use(Operation):
    """Link a data set."""

    kind: Literal["use"] = "use"
    data: UsedData
    role: str


class Attach(Operation):
    """Store a file.

    Attributes:
        path: of the file, relative to the folder of the outbox.
        folder: of the run's artifacts that takes it.
    """

    kind: Literal["attach"] = "attach"
    path: str
    folder: str = ""


class End(Operation):
    """Close a run."""

    kind: Literal["end"] = "end"
    status: Status
    reason: str | None = None


AnyOperation = Annotated[
    Start | Discard | Log | Tag | Use | Attach | End, Field(discriminator="kind")
]
