"""How much each channel matters, and which ones stay.

A score is a float32 array a group, one value a channel, larger for more important ones;
scores are compared within a group only.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn
from torch.nn.modules.batchnorm import _BatchNorm
from torch.nn.modules.conv import _ConvNd

from secateur.compression import layers
from secateur.compression.groups import Group, Grouped, IntArray, Member

Scores = tuple[NDArray[np.float32], ...]
_Kinds = tuple[type[nn.Module], ...]


def l1(network: nn.Module, graph: Grouped) -> Scores:
    """L1 norm of what a channel owns (Li et al. 2017), averaged over a group's members.

    Counted are weights that make the channel, weights that read it and scales of batch
    and layer norms, each member's as one sum; biases and depthwise convolutions are not.
    This is torch-pruning's ``GroupMagnitudeImportance(p=1, group_reduction="mean")``
    without its scaling of whole groups, so it keeps the same channels.

    Args:
        network: dense, left untouched.
        graph: its dependency graph or surgery plan.
    """
    modules = dict(network.named_modules())
    kinds = (_ConvNd, nn.Linear, _BatchNorm, nn.LayerNorm)
    return tuple(_mean_score(group, modules, kinds).numpy() for group in graph.groups)


def bn_scale(network: nn.Module, graph: Grouped) -> Scores:
    """Absolute batch norm scales (network slimming, Liu et al. 2017), averaged likewise.

    A group without batch norm is scored by ``l1``.
    """
    modules = dict(network.named_modules())
    scores = (_mean_score(group, modules, (_BatchNorm,)).numpy() for group in graph.groups)
    return tuple(
        norm if np.isnan(score).any() else score
        for score, norm in zip(scores, l1(network, graph), strict=True)
    )


def random(graph: Grouped, seed: int) -> Scores:
    """Uniform scores in [0, 1): a control that every criterion has to beat."""
    generator = np.random.default_rng(seed)
    return tuple(generator.random(group.width, dtype=np.float32) for group in graph.groups)


def keep(scores: Scores, widths: Sequence[int]) -> tuple[IntArray, ...]:
    """The ``widths[i]`` highest channels of each group, sorted; of equals the first stay.

    Args:
        scores: one array a group.
        widths: one width a group, each in [1, length of its scores].
    """
    fits = (1 <= width <= len(score) for score, width in zip(scores, widths, strict=True))
    assert all(fits), f"widths {list(widths)} of {[len(score) for score in scores]} channels"
    return tuple(
        np.sort(np.argsort(-score, kind="stable")[:width])
        for score, width in zip(scores, widths, strict=True)
    )


@torch.no_grad()
def _mean_score(group: Group, modules: Mapping[str, nn.Module], kinds: _Kinds) -> torch.Tensor:
    """Mean over the members of the given kinds, shape [width]; NaN where there is none."""
    total, count = torch.zeros(group.width), 0
    for member in group.members:
        module = modules[member.module]
        norms = _norms(module, member) if isinstance(module, kinds) else None
        if norms is not None:
            channels = torch.from_numpy(member.channels)
            total.scatter_add_(0, channels, norms.to("cpu", torch.float32))
            count += 1
    return total / count


def _norms(module: nn.Module, member: Member) -> torch.Tensor | None:
    """L1 norm behind each index of a member, shape [n]; None where it has no say."""
    weight = module._parameters.get("weight")
    if weight is None or layers.is_depthwise(module):
        return None
    (_, dim), *_ = layers.tensors(module, member.side)
    norms = weight.transpose(0, dim).flatten(1).abs().sum(1) if weight.dim() > 1 else weight.abs()
    # A dimension that holds one block of a grouped convolution serves all blocks.
    norms = norms.repeat(member.size // len(norms))
    return norms[torch.from_numpy(member.indices).to(norms.device)]
