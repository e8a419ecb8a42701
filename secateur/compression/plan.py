"""Surgery by a plan that is made once a network and used for every candidate."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from secateur.compression import layers, soundness
from secateur.compression.graph import trace
from secateur.compression.groups import (
    DependencyGraph,
    Group,
    InputShape,
    IntArray,
    Member,
    Side,
)
from secateur.compression.rebuild import rebuild
from secateur.errors import PolicyError

Kept = Sequence[IntArray]
_Key = tuple[str, Side]
_Cuts = dict[tuple[str, str], list[tuple[int, torch.Tensor]]]


@dataclass(frozen=True, eq=False)
class SurgeryPlan:
    """Which tensors to cut where, for any choice of channels.

    A plan holds no tensor and pickles; it fits every network with the structure of the
    one that it was made for, whatever its weights.

    Attributes:
        graph: the dependency groups.
    """

    graph: DependencyGraph

    @classmethod
    def of(cls, network: nn.Module, input_shape: InputShape) -> SurgeryPlan:
        """Trace a network, left untouched, and try the surgery on it once.

        Args:
            network: any module that takes one batch of images.
            input_shape: (channels, height, width) of one image.

        Raises:
            UntraceableNetworkError: see ``graph.trace`` and ``soundness.check``.
        """
        plan = cls(trace(network, input_shape))
        soundness.check(network, plan.groups, plan.prune, input_shape)
        return plan

    @property
    def groups(self) -> tuple[Group, ...]:
        """The prunable groups, in network order."""
        return self.graph.groups

    @property
    def widths(self) -> tuple[int, ...]:
        """Dense width of each group."""
        return self.graph.widths

    def prune(self, network: nn.Module, kept: Kept) -> nn.Module:
        """A new, smaller network with the kept channels alone.

        Args:
            network: of the structure that the plan was made for; left untouched, and no
                tensor is shared with the result.
            kept: one sorted array of distinct channels a group, each in [0, width), at
                least one.

        Returns:
            A network of the same classes and mode; all its parameters are leaves that
            require a gradient, its buffers are cut alike.

        Raises:
            PolicyError: ``kept`` does not fit the groups, or the network not the plan.
        """
        kept_of = self.selections(kept)
        cuts = self._cuts(dict(network.named_modules()), kept_of)

        def cut(module: str, name: str, tensor: torch.Tensor) -> torch.Tensor:
            found = cuts.get((module, name))
            return _select(tensor, found) if found else tensor.clone()

        pruned = rebuild(network, cut)
        smaller = dict(pruned.named_modules())
        for (module, side), indices in kept_of.items():
            layers.resize(smaller[module], side, len(indices))
        return pruned

    def selections(self, kept: Kept) -> dict[tuple[str, Side], IntArray]:
        """Indices that stay of every side of a module that some group cuts, sorted.

        Raises:
            PolicyError: ``kept`` does not fit the groups.
        """
        masks = self._masks(kept)
        return {key: _selection(members, masks) for key, members in self._sides.items()}

    def kept_first(self, widths: Sequence[int]) -> tuple[IntArray, ...]:
        """The first ``widths[i]`` channels of each group.

        Rebuilds a pruned architecture from its widths, to load its weights into.

        Raises:
            PolicyError: not one width a group, or a width outside [1, dense width].
        """
        self._check_count(widths)
        for group, width in zip(self.groups, widths, strict=True):
            if not 1 <= width <= group.width:
                raise PolicyError(f"{group.name}: width {width} is not in [1, {group.width}]")
        return tuple(np.arange(width, dtype=np.int64) for width in widths)

    @cached_property
    def _sides(self) -> dict[_Key, tuple[tuple[int, Member], ...]]:
        """The members that cut each side of each module, with their group's position."""
        sides: dict[_Key, list[tuple[int, Member]]] = {}
        for position, group in enumerate(self.groups):
            for member in group.members:
                sides.setdefault((member.module, member.side), []).append((position, member))
        return {key: tuple(members) for key, members in sides.items()}

    def _cuts(self, modules: Mapping[str, nn.Module], kept_of: Mapping[_Key, IntArray]) -> _Cuts:
        """(dimension, indices that stay) of each tensor that loses something."""
        cuts: _Cuts = {}
        for (name, side), indices in kept_of.items():
            module, size = modules.get(name), self._sides[name, side][0][1].size
            if module is None or layers.channels(module, side) != size:
                raise PolicyError(f"{name}: the network has not the {size} channels of the plan")
            if len(indices) < size:
                stays = torch.from_numpy(indices)
                for tensor, dim in layers.tensors(module, side):
                    cuts.setdefault((name, tensor), []).append((dim, stays))
        return cuts

    def _check_count(self, policy: Sequence[object]) -> None:
        if len(policy) != len(self.groups):
            raise PolicyError(f"{len(policy)} entries for {len(self.groups)} prunable groups")

    def _masks(self, kept: Kept) -> list[NDArray[np.bool_]]:
        self._check_count(kept)
        masks = []
        for group, channels in zip(self.groups, kept, strict=True):
            if not len(channels) or (np.diff(channels, prepend=-1) < 1).any():
                raise PolicyError(f"{group.name}: kept channels are not distinct and sorted")
            if channels[-1] >= group.width:
                raise PolicyError(f"{group.name}: channel {channels[-1]} of {group.width}")
            masks.append(np.zeros(group.width, dtype=bool))
            masks[-1][channels] = True
        return masks


def _selection(
    members: Sequence[tuple[int, Member]], masks: Sequence[NDArray[np.bool_]]
) -> IntArray:
    """Indices that stay of one side of a module, sorted."""
    stays = np.ones(members[0][1].size, dtype=bool)
    for position, member in members:
        stays[member.indices] = masks[position][member.channels]
    return np.flatnonzero(stays)


def _select(tensor: torch.Tensor, cuts: Sequence[tuple[int, torch.Tensor]]) -> torch.Tensor:
    # Rows first: the second pass then reads only what is left, in the order of memory.
    for dim, indices in sorted(cuts, key=lambda cut: cut[0]):
        # A dimension that holds one block of a grouped convolution is cut as the first is.
        stays = indices[indices < tensor.shape[dim]]
        tensor = tensor.index_select(dim, stays.to(tensor.device))
    return tensor
