"""What the processes of a job may take before they are ended."""

from __future__ import annotations

from pydantic import Field

from secateur.spaces import Frozen


class LimitsSpec(Frozen):
    """Bounds that keep one trial or agent from taking its neighbours along.

    They say nothing about what is computed: a job goes on under other limits than it was
    begun with.

    Attributes:
        memory_gb: that a trial or an agent may allocate beside what its process holds before
            it begins, in 10⁹ bytes of the CPU's memory; no bound where it is null.
        silence_seconds: a trial, agent or fine-tune that reports nothing for so long hangs,
            and its process is ended.
        checkpoint_seconds: a trial, or recovery of a generator, that trains for longer keeps its
            training about so often, and goes on from there when it is tried again; more seldom
            where keeping it takes long.
        disk_gb: free space, in 10⁹ bytes, below which the job neither begins nor goes on.
    """

    memory_gb: float | None = Field(default=None, ge=0.1)
    silence_seconds: float = Field(default=1800.0, ge=1)
    checkpoint_seconds: float = Field(default=30.0, ge=0)
    disk_gb: float = Field(default=1.0, ge=0)


LIMITS = LimitsSpec()
"""Of a job that names none."""
