"""Branches side by side, as in the networks of the Inception family."""

from __future__ import annotations

from collections import OrderedDict

import torch
from torch import Tensor, nn

from secateur.models.blocks import Style

INPUT = ""
"""Name of what all branches together are given."""


class Branches(nn.Module):
    """Layers that read what others made; all that no layer reads is concatenated.

    Args:
        layers: name of what a layer reads, ``INPUT`` or one above it, and the layer, by
            name; outputs are concatenated in this order and must agree but for channels.
    """

    def __init__(self, layers: dict[str, tuple[str, nn.Module]]) -> None:
        super().__init__()
        self.sources = {name: source for name, (source, _) in layers.items()}
        self.ends = tuple(name for name in layers if name not in self.sources.values())
        for name, (_, layer) in layers.items():
            self.add_module(name, layer)

    def forward(self, inputs: Tensor) -> Tensor:
        """(batch, in, height, width) -> (batch, sum of the ends' channels, ...)."""
        made = {INPUT: inputs}
        for name, source in self.sources.items():
            made[name] = self.get_submodule(name)(made[source])
        return torch.cat([made[name] for name in self.ends], 1)


def unit(
    channels_in: int,
    channels_out: int,
    kernel: int | tuple[int, int],
    style: Style,
    *,
    stride: int = 1,
    padding: int | tuple[int, int] | None = None,
) -> nn.Sequential:
    """Convolution, normalisation and activation.

    Args:
        channels_in: channels read.
        channels_out: channels made.
        kernel: odd height and width.
        style: of the network.
        stride: along both sides.
        padding: half the kernel where absent, which keeps the sides at stride 1.
    """
    height, breadth = (kernel, kernel) if isinstance(kernel, int) else kernel
    pad = (height // 2, breadth // 2) if padding is None else padding
    return nn.Sequential(
        OrderedDict(
            conv=nn.Conv2d(
                channels_in, channels_out, (height, breadth), stride, pad, bias=style.biased
            ),
            bn=style.normalize(channels_out),
            activation=style.activate(),
        )
    )
