"""One trial of a network's surgery, so that a wrong dependency is refused, not served."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

import numpy as np
import torch
from torch import nn

from secateur.compression import layers
from secateur.compression.groups import Group, InputShape, IntArray
from secateur.compression.rebuild import rebuild
from secateur.errors import UntraceableNetworkError

_TOLERANCE = 1e-2
"""Of the largest output.  Float error stays far below it, a wrong index far above."""

Prune = Callable[[nn.Module, Sequence[IntArray]], nn.Module]


def check(
    network: nn.Module, groups: Sequence[Group], prune: Prune, input_shape: InputShape
) -> None:
    """Compare a pruned network with the dense one that ignores the same channels.

    A random half of every group is cut.  What remains must compute what the dense network
    does when every layer that reads a cut channel has zeros in its place.  Where a group
    holds a normalisation across channels, cutting changes its statistics by design, and
    the pruned network must only run.

    Args:
        network: left untouched.
        groups: its dependency groups.
        prune: the surgery: (network, kept channels a group) -> pruned network.
        input_shape: (channels, height, width) of one input.

    Raises:
        UntraceableNetworkError: the pruned network does not run or computes something else.
    """
    generator = np.random.default_rng(0)
    kept = [
        np.sort(generator.permutation(group.width)[: max(1, group.width // 2)]) for group in groups
    ]
    name = type(network).__name__
    inputs = layers.random_inputs(network, input_shape, images=2)
    masked = masked_copy(network, groups, kept).eval()
    with torch.no_grad():
        try:
            found = _flat(prune(network, kept).eval()(inputs))
        except (RuntimeError, ValueError) as error:
            reason = str(error).strip().splitlines()[0]
            raise UntraceableNetworkError(f"{name}: does not run when pruned: {reason}") from error
        expected = _flat(masked(inputs))
    if not _mixes_channels(network, groups) and not _agree(found, expected):
        raise UntraceableNetworkError(
            f"{name}: cutting channels changes what the others compute: an operation mixes"
            " channels in a way that cannot be followed"
        )


def masked_copy(network: nn.Module, groups: Sequence[Group], kept: Sequence[IntArray]) -> nn.Module:
    """A dense copy whose layers have zero weights for every channel that is not kept."""
    modules = dict(network.named_modules())
    gone: dict[str, IntArray] = {}
    for group, channels in zip(groups, kept, strict=True):
        for member in group.members:
            if member.side == "in":
                lost = member.indices[~np.isin(member.channels, channels)]
                gone[member.module] = np.append(gone.get(member.module, lost[:0]), lost)

    def mask(module: str, name: str, tensor: torch.Tensor) -> torch.Tensor:
        if name != "weight" or module not in gone:
            return tensor.detach()
        ((_, dim),) = layers.tensors(modules[module], "in")
        indices = torch.from_numpy(gone[module])
        return tensor.index_fill(dim, indices[indices < tensor.shape[dim]].to(tensor.device), 0)

    return rebuild(network, mask)


def _mixes_channels(network: nn.Module, groups: Sequence[Group]) -> bool:
    modules = dict(network.named_modules())
    members = (member for group in groups for member in group.members)
    return any(
        isinstance(modules[member.module], nn.LayerNorm | nn.GroupNorm) for member in members
    )


def _agree(found: torch.Tensor, expected: torch.Tensor) -> bool:
    if found.shape != expected.shape:
        return False
    limit = _TOLERANCE * float(expected.nan_to_num().abs().max())
    return torch.allclose(found, expected, rtol=0, atol=limit, equal_nan=True)


def _flat(output: object) -> torch.Tensor:
    """All tensors of a network's answer as one vector."""
    if isinstance(output, torch.Tensor):
        return output.flatten()
    values = output.values() if isinstance(output, dict) else output
    assert isinstance(values, Iterable), f"a network that returns a {type(output).__name__}"
    return torch.cat([_flat(value) for value in values])
