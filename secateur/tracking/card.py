"""What a version says of itself in a registry."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, eq=False)
class Card:
    """All of it; the folder of the model travels along besides.

    Attributes:
        tags: names of ``secateur.tracking.names`` and their values.
        description: in Markdown.
        figures: metrics of the model, noted with the run that publishes it.
        example: float32, what the graph takes, a batch of one; none is kept where absent.
        job: id of a run that shall name the model among its results, beside the one that
            publishes it.
    """

    tags: Mapping[str, str] = field(default_factory=dict)
    description: str = ""
    figures: Mapping[str, float] = field(default_factory=dict)
    example: NDArray[np.float32] | None = None
    job: str | None = None
