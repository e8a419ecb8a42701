"""Shares of GPUs, as specs name them."""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator, Field

LEAST = 0.01
"""A process that uses a GPU at all takes some hundred megabytes of it, whatever it does there."""


def _usable(share: float) -> float:
    if 0 < share < LEAST:
        raise ValueError(f"0, or a share from {LEAST} to 1")
    return share


GpuShare = Annotated[float, Field(ge=0, le=1), AfterValidator(_usable)]
"""Share of one GPU that a process holds: 0 runs on the CPU, 0.25 lets four processes share one."""
