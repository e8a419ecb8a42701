"""The GPUs of this machine, asked of NVIDIA's own tool, which takes no memory of theirs."""

from __future__ import annotations

import subprocess
from functools import cache
from typing import NamedTuple

_TOOL = "nvidia-smi"
_TIMEOUT_S = 10
_FIELDS = ("name", "utilization.gpu", "memory.used", "memory.total", "power.draw")


class GpuLoad(NamedTuple):
    """What one GPU does.

    Attributes:
        name: of the model.
        utilization: share of the last moment that it computed, in percent.
        memory_used: in MiB.
        memory_total: in MiB.
        power: in watts.

    A figure that the GPU does not tell is absent.
    """

    name: str
    utilization: float | None
    memory_used: float | None
    memory_total: float | None
    power: float | None


@cache
def names() -> tuple[str, ...]:
    """One name a GPU; none where the machine has none."""
    return tuple(gpu.name for gpu in loads())


def loads() -> tuple[GpuLoad, ...]:
    """What each GPU does now; nothing where the machine has none."""
    command = [_TOOL, f"--query-gpu={','.join(_FIELDS)}", "--format=csv,noheader,nounits"]
    try:
        done = subprocess.run(
            command, capture_output=True, text=True, check=True, timeout=_TIMEOUT_S
        )
    except (OSError, subprocess.SubprocessError):
        return ()
    return tuple(parse(line) for line in done.stdout.splitlines() if line.strip())


def parse(line: str) -> GpuLoad:
    """One line of the tool: ``NVIDIA H200, 37, 1024, 143771, 124.30``."""
    name, *figures = (cell.strip() for cell in line.split(","))
    return GpuLoad(name, *map(_number, figures))


def _number(cell: str) -> float | None:
    try:
        return float(cell)
    except ValueError:  # [N/A], [Not Supported]
        return None
