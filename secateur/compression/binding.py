"""From channels that depend on each other to groups that one width describes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray
from torch import nn

from secateur.compression import layers
from secateur.compression.groups import IntArray, Member, Side


class Unbound(Exception):  # noqa: N818
    """Why channels make no group; ``graph.trace`` catches it and leaves them whole."""


def bind(
    members: Sequence[Member], modules: Mapping[str, nn.Module]
) -> tuple[int, tuple[Member, ...]]:
    """Number the channels of a group such that any subset of them can be kept.

    Grouped convolutions and group norms divide their channels into equal blocks that must
    stay equal: the channels at one place of each block then become one channel of the
    group, as in torch-pruning.

    Args:
        members: of one group; the first is the root, whose indices are its channels.
        modules: the network's, by dotted name.

    Returns:
        The group's width, at least 2, and its members with ``channels`` in [0, width).

    Raises:
        Unbound: no such numbering exists.
    """
    count = members[0].size
    most = max(layers.blocks(modules[member.module]) for member in members)
    if count % most or count // most < 2:  # noqa: PLR2004
        raise Unbound(f"{count} channels in {most} blocks leave no choice")
    width = count // most
    bound = tuple(replace(member, channels=member.channels % width) for member in members)
    for member in bound:
        _check(member, width, layers.blocks(modules[member.module]))
    return width, bound


class Claims:
    """Which indices of which dimension already belong to a group."""

    def __init__(self) -> None:
        self._taken: dict[tuple[str, Side], NDArray[np.bool_]] = {}

    def add(self, members: Sequence[Member]) -> None:
        """Claim the indices of a group, all or none.

        Raises:
            Unbound: one of them belongs to another group.
        """
        for member in members:
            if self._of(member)[member.indices].any():
                raise Unbound(f"{member.module} is cut by another group")
        for member in members:
            self._of(member)[member.indices] = True

    def any(self, module: str) -> bool:
        """Whether some output of a module belongs to a group."""
        return bool(self._taken.get((module, "out"), np.zeros(1, dtype=bool)).any())

    def all(self, module: str) -> bool:
        """Whether every output of a module belongs to a group."""
        return bool(self._taken.get((module, "out"), np.zeros(1, dtype=bool)).all())

    def _of(self, member: Member) -> NDArray[np.bool_]:
        fresh = np.zeros(member.size, dtype=bool)
        return self._taken.setdefault((member.module, member.side), fresh)


def _check(member: Member, width: int, blocks: int) -> None:
    indices = member.indices
    if indices.max() >= member.size or len(np.unique(indices)) < len(indices):
        raise Unbound(f"{member.module} has other channels than the group")
    if len(np.unique(np.bincount(member.channels, minlength=width))) > 1:
        raise Unbound(f"the channels of the group cut unlike shares of {member.module}")
    if blocks > 1 and not _is_periodic(member, blocks):
        raise Unbound(f"the blocks of {member.module} would be cut unlike each other")


def _is_periodic(member: Member, blocks: int) -> bool:
    if len(member.indices) < member.size:
        return False
    order: IntArray = member.channels[np.argsort(member.indices)]
    rows = order.reshape(blocks, -1)
    return bool((rows == rows[0]).all())
