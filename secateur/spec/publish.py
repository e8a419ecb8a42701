"""What a model must hold to be published, and as what."""

from __future__ import annotations

from typing import Literal

from secateur.gate import Gate
from secateur.spec.common import JobName


class PublishSpec(Gate):
    """The gate in front of the model registry, and the name behind it.

    Attributes:
        name: registered model; the job's name where absent.
        alias: of the new version: ``champion`` answers applications from then on, and
            ``challenger`` waits beside the champion until it is promoted.
        int8: whether the model is published in 8-bit integers as well, if that variant
            holds the gate too.
    """

    name: JobName | None = None
    alias: Literal["champion", "challenger"] = "champion"
    int8: bool = True
