"""What a dependency graph says: which dimensions shrink together when a channel goes.

Plain frozen data, free of the library that traced it, so that a graph can be pickled,
sent to other processes and kept beside a network's weights.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal, Protocol

import numpy as np
from numpy.typing import NDArray

IntArray = NDArray[np.int64]
Side = Literal["in", "out"]
Kind = Literal["convolution", "dense"]
InputShape = tuple[int, int, int]


@dataclass(frozen=True, eq=False)
class Member:
    """One dimension of one module that a group cuts, in part or whole.

    When channel ``channels[i]`` of the group goes, index ``indices[i]`` of the dimension
    goes.  A channel may own several indices: a flattened feature map gives one channel
    one feature a position; a concatenation shifts the indices.

    Attributes:
        module: dotted name of the module.
        side: ``out`` for what the module produces (of a normalisation or a depthwise
            convolution: its channels), ``in`` for what it reads.
        size: length of the dense dimension.
        channels: channel of the group, shape [n].
        indices: index in the dimension, in [0, size), shape [n], each once.
    """

    module: str
    side: Side
    size: int
    channels: IntArray
    indices: IntArray


@dataclass(frozen=True, eq=False)
class Group:
    """Channels that can only be cut together, and one decision of a policy.

    The shape facts are those of the root, the convolution or dense layer that runs first
    among the layers whose outputs the group owns.  A dense layer has height, width,
    stride and kernel 1.

    Attributes:
        name: dotted name of the root.
        width: channels that can be kept or cut one by one.  Where grouped convolutions
            or group norms bind channels (one of each block), the bound ones count as
            one: ``out_channels`` is then a multiple of ``width``.
        kind: ``convolution`` or ``dense``, by the root.
        members: every dimension that the group cuts; the root's ``out`` is the first.
        out_channels: of the root.
        in_channels: of the root.
        output_height: of the root's feature map.
        output_width: of the root's feature map.
        stride: of the root, along the height.
        kernel: elements of the root's kernel, e.g. 9 for 3x3.
        least: width that its layers need; a group norm has no variance of a single value.
    """

    name: str
    width: int
    kind: Kind
    members: tuple[Member, ...] = field(repr=False)
    out_channels: int
    in_channels: int
    output_height: int
    output_width: int
    stride: int
    kernel: int
    least: int = 1


@dataclass(frozen=True, eq=False)
class DependencyGraph:
    """The prunable groups of a network.

    Attributes:
        groups: in the order in which their roots run.
        input_shape: (channels, height, width) of one input.
        fixed: convolutions and dense layers whose outputs no group owns in full, in the
            order in which they run: the network's heads, layers added to its input, and
            layers whose channels are bound in a way that has no single width.
    """

    groups: tuple[Group, ...]
    input_shape: InputShape
    fixed: tuple[str, ...]

    @property
    def widths(self) -> tuple[int, ...]:
        """Dense width of each group."""
        return tuple(group.width for group in self.groups)


class Grouped(Protocol):
    """Anything that lists dependency groups: a graph or a surgery plan."""

    @property
    def groups(self) -> tuple[Group, ...]:
        """The groups, in network order."""
