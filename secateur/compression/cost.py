"""What a policy costs, in closed form: exact, and microseconds instead of a forward pass."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Self

import numpy as np
from numpy.typing import ArrayLike, NDArray
from torch import nn

from secateur.compression import layers
from secateur.compression.groups import Grouped, InputShape, IntArray, Side
from secateur.compression.rebuild import detached

_Floats = NDArray[np.float64]
_EXACT = 2.0**53
"""Integers up to here are exact in float64, whose matrix products are fast."""


@dataclass(frozen=True, eq=False)
class Quadratic:
    """``w Q w + l w + c``, never falling in any width.

    Attributes:
        pairs: Q, shape [groups, groups], no entry negative.
        linear: l, shape [groups], no entry negative.
        constant: c.
    """

    pairs: _Floats
    linear: _Floats
    constant: float

    def at(self, widths: ArrayLike) -> IntArray:
        """Value at integer widths of shape [..., groups], as int64 of shape [...]."""
        w = np.asarray(widths, dtype=np.float64)
        value = ((w @ self.pairs + self.linear) * w).sum(axis=-1) + self.constant
        return np.asarray(value).astype(np.int64)


@dataclass(frozen=True, eq=False)
class CostModel:
    """FLOPs and parameters of a network as functions of its group widths.

    A weight has as many elements as the product of its dimensions, each affine in the
    widths, and is used once a position of its layer's feature map, which no cut changes:
    FLOPs are 2 * positions * elements, and the sum over layers is a quadratic form.
    Equal to ``counter.count`` of the pruned network for every policy.

    Attributes:
        dense_widths: width of each group before any cut.
        group_flops: dense FLOPs of the layers whose outputs each group owns, int64 of
            shape [groups]; a layer that several groups share counts for each by its share.
        flops_form: FLOPs of one input.
        parameters_form: number of learned values.
    """

    dense_widths: tuple[int, ...]
    group_flops: IntArray
    flops_form: Quadratic
    parameters_form: Quadratic

    @classmethod
    def of(cls, network: nn.Module, graph: Grouped, input_shape: InputShape) -> Self:
        """Derive the closed form from one forward pass of the dense network.

        Args:
            network: the dense network, left untouched.
            graph: its dependency graph or surgery plan.
            input_shape: (channels, height, width) of one input.
        """
        copy = detached(network).eval()
        seen = layers.observe(copy, layers.random_inputs(copy, input_shape, images=1))
        positions = {layer.name: layer.positions for layer in seen}
        sides, count = _sides(graph), len(graph.groups)
        flops, parameters, owned = _Sum(count), _Sum(count), np.zeros(count)
        widths = tuple(group.width for group in graph.groups)
        for name, module in copy.named_modules():
            for tensor, size in _sizes(name, module, sides, _Affine(np.zeros(count), 1.0)):
                parameters.add(size, 1)
                if tensor == "weight" and name in positions:
                    flops.add(size, 2 * positions[name])
                    owned += 2 * positions[name] * size.owned(np.array(widths))
        model = cls(widths, owned.astype(np.int64), flops.form, parameters.form)
        assert model.dense_flops < _EXACT, "FLOPs beyond 2**53 are not exact"
        return model

    def flops(self, widths: ArrayLike) -> IntArray:
        """FLOPs of one input: int64 [...] for integer widths [..., groups]."""
        return self.flops_form.at(widths)

    def parameters(self, widths: ArrayLike) -> IntArray:
        """Number of learned values: int64 [...] for integer widths [..., groups]."""
        return self.parameters_form.at(widths)

    @cached_property
    def dense_flops(self) -> int:
        """FLOPs of one input before any cut."""
        return int(self.flops(self.dense_widths))

    @cached_property
    def dense_parameters(self) -> int:
        """Learned values before any cut."""
        return int(self.parameters(self.dense_widths))


@dataclass(frozen=True, eq=False)
class _Affine:
    """``slope . widths + constant``: the length of one dimension."""

    slope: _Floats
    constant: float


_SIDES: tuple[Side, ...] = ("out", "in")


@dataclass(frozen=True, eq=False)
class _Size:
    """Elements of a tensor: ``scale * out(widths) * in(widths)``."""

    scale: int
    out: _Affine
    inner: _Affine

    def owned(self, widths: IntArray) -> _Floats:
        """Dense elements behind the outputs of each group."""
        inner = self.inner.slope @ widths + self.inner.constant
        return np.asarray(self.scale * inner * self.out.slope * widths)


class _Sum:
    """A quadratic form under construction."""

    def __init__(self, groups: int) -> None:
        self.form = Quadratic(np.zeros((groups, groups)), np.zeros(groups), 0.0)

    def add(self, size: _Size, times: int) -> None:
        scale, out, inner = times * size.scale, size.out, size.inner
        self.form = Quadratic(
            self.form.pairs + scale * np.outer(out.slope, inner.slope),
            self.form.linear + scale * (out.slope * inner.constant + inner.slope * out.constant),
            self.form.constant + scale * out.constant * inner.constant,
        )


def _sides(graph: Grouped) -> dict[tuple[str, Side], _Affine]:
    """Length of every side that some group cuts, in channels."""
    sides: dict[tuple[str, Side], _Affine] = {}
    for position, group in enumerate(graph.groups):
        for member in group.members:
            key = (member.module, member.side)
            fresh = _Affine(np.zeros(len(graph.groups)), float(member.size))
            before = sides.get(key, fresh)
            slope = before.slope.copy()
            slope[position] += len(member.indices) / group.width
            sides[key] = _Affine(slope, before.constant - len(member.indices))
    return sides


def _sizes(
    name: str, module: nn.Module, sides: dict[tuple[str, Side], _Affine], uncut: _Affine
) -> Iterator[tuple[str, _Size]]:
    """Every parameter of a module itself, with its size as a function of the widths."""
    for tensor, parameter in module.named_parameters(recurse=False):
        scale, lengths = parameter.numel(), dict.fromkeys(_SIDES, uncut)
        for side in _SIDES:
            dims = dict(layers.tensors(module, side)) if (name, side) in sides else {}
            if tensor in dims:
                length, whole = parameter.shape[dims[tensor]], layers.channels(module, side)
                affine, scale = sides[name, side], scale // length
                # The dimension may hold one of the equal blocks of a grouped convolution.
                lengths[side] = _Affine(
                    affine.slope * length / whole, affine.constant * length / whole
                )
        yield tensor, _Size(scale, lengths["out"], lengths["in"])
