"""How training runs the fastest on this machine: measured once, and kept.

Whether bfloat16 and channels-last pay depends on the processor and on the network: on one
with bfloat16 instructions an epoch of ResNet-20 took less than half the time, and a small
network took longer. What was measured is kept below the user's cache folder
(``XDG_CACHE_HOME``), so that noise cannot decide otherwise the next time, and the same
seed gives the same weights on one machine.
"""

from __future__ import annotations

import hashlib
import os
import platform
from collections.abc import Sequence
from pathlib import Path
from time import perf_counter

import torch
from pydantic import TypeAdapter
from torch import Tensor, nn

from secateur.compression.counter import count
from secateur.compression.execution import EXACT, Execution
from secateur.compression.probe import GAIN, WAYS
from secateur.compression.rebuild import duplicate
from secateur.records import Precision
from secateur.scratch import scratch

LEAST_FLOPS = 1_000_000_000
"""Forward passes of a batch with fewer FLOPs run in float32 without a measurement: the
conversions cost as much as they save."""
_ROUNDS = 3
_EXECUTION = TypeAdapter(Execution)


def execution(
    network: nn.Module, shape: Sequence[int], precision: Precision, least: int = LEAST_FLOPS
) -> Execution:
    """How to train a network.

    Args:
        network: left untouched.
        shape: (batch, channels, height, width) of its batches.
        precision: ``auto`` is the fastest way on this machine as far as it can be kept, and
            float32 else.
        least: FLOPs of a batch from which it pays to measure.
    """
    if precision == "float32":
        return EXACT
    if precision == "bfloat16":
        return WAYS[-1]
    batch, *sides = shape
    if batch * count(network, (sides[0], sides[1], sides[2])).flops < least:
        return EXACT
    return _kept(_folder() / f"{_key(network, shape)}.json", network, shape)


def fastest(network: nn.Module, shape: Sequence[int]) -> Execution:
    """Time steps of training in each of ``probe.WAYS``, in turns, and choose.

    A way must be faster than the one chosen so far by the factor ``probe.GAIN``.

    Args:
        network: left untouched.
        shape: of a batch.
    """
    device = next(network.parameters()).device
    images = torch.randn(*shape, generator=torch.Generator().manual_seed(0)).to(device)
    entrants = [_Entrant(way, network, images) for way in WAYS]
    for _ in range(1 + _ROUNDS):  # the first of each is slower, and the least time counts
        for entrant in entrants:
            entrant.step()
    chosen = entrants[0]
    for entrant in entrants:
        if entrant.seconds * GAIN < chosen.seconds:
            chosen = entrant
    return chosen.way


class _Entrant:
    """One way, with a copy of the network and the images laid out for it."""

    def __init__(self, way: Execution, network: nn.Module, images: Tensor) -> None:
        self.way, self.seconds = way, float("inf")
        self._network = way.place(duplicate(network)).train()
        self._images = way.lay_out(images)

    def step(self) -> None:
        """Run forward and back, and keep the least time."""
        began = perf_counter()
        with torch.random.fork_rng(), self.way.precision(self._images.device):
            loss = self._network(self._images).float().square().mean()
        torch.autograd.backward(loss)
        loss.item()  # waits for the device
        self.seconds = min(self.seconds, perf_counter() - began)


def _kept(file: Path, network: nn.Module, shape: Sequence[int]) -> Execution:
    """What the file says, or what is measured now; of several at once the first decides."""
    try:
        if not file.exists():
            file.parent.mkdir(parents=True, exist_ok=True)
            partial = scratch(file)
            partial.write_bytes(_EXECUTION.dump_json(fastest(network, shape)))
            try:
                os.link(partial, file)
            except FileExistsError:
                pass
            except OSError:  # a file system without links
                partial.replace(file)
            finally:
                partial.unlink(missing_ok=True)
        return _EXECUTION.validate_json(file.read_bytes())
    except (OSError, ValueError):
        return EXACT


def _folder() -> Path:
    cache = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(cache) / "secateur" / "execution"


def _key(network: nn.Module, shape: Sequence[int]) -> str:
    """Machine, network and batch; another of any is measured anew."""
    device = next(network.parameters()).device
    facts = (
        torch.__version__,
        platform.node(),
        torch.cuda.get_device_name(device) if device.type == "cuda" else _processor(),
        torch.get_num_threads(),
        tuple(shape),
        [(name, tuple(value.shape)) for name, value in network.state_dict().items()],
    )
    return hashlib.sha256(repr(facts).encode()).hexdigest()


def _processor() -> str:
    return f"{platform.machine()} {torch.backends.cpu.get_cpu_capability()}"
