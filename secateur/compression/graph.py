"""Which channels depend on which: the only file that imports torch_pruning."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

import numpy as np
import torch
import torch_pruning as tp
from torch import nn
from torch.nn.modules.conv import _ConvNd

from secateur.compression import binding, layers
from secateur.compression.binding import Unbound
from secateur.compression.groups import DependencyGraph, Group, InputShape, Member, Side
from secateur.compression.layers import Layer
from secateur.compression.rebuild import detached
from secateur.errors import UntraceableNetworkError

_OPTYPE = tp.ops.OPTYPE
_LAYERS = {_OPTYPE.CONV, _OPTYPE.DEPTHWISE_CONV, _OPTYPE.LINEAR}
_NORMS = {_OPTYPE.BN, _OPTYPE.LN, _OPTYPE.GN, _OPTYPE.IN, _OPTYPE.PRELU}
_UNSUPPORTED = {_OPTYPE.PARAMETER, _OPTYPE.MHA, _OPTYPE.LSTM, _OPTYPE.EMBED}
_INPUT_SIDE = (tp.prune_conv_in_channels, tp.prune_linear_in_channels)


def trace(network: nn.Module, input_shape: InputShape) -> DependencyGraph:
    """Find the groups of channels that can only be cut together.

    The dependencies come from torch-pruning (DepGraph, Fang et al. 2023).  Groups that
    hold an output of the network or a channel of its input are left out, and so are those
    whose cut would not be described by one width; ``fixed`` lists their layers.

    Args:
        network: left untouched; its mode, frozen parameters and the caller's ``no_grad``
            play no part.
        input_shape: (channels, height, width) of one input.

    Raises:
        UntraceableNetworkError: the network does not run on the shape, has layers that do
            not run in evaluation mode (auxiliary heads), shares or reparametrises
            weights, or has no group at all.
    """
    name = type(network).__name__
    try:
        with torch.inference_mode(False), torch.enable_grad():
            copy = detached(network).eval()
            inputs = layers.random_inputs(copy, input_shape, images=2)
            seen = layers.observe(copy, inputs)
            _check(copy, seen)
            tracer = _Tracer(copy, inputs)
    except Exception as error:
        reason = next(iter(str(error).strip().splitlines()), repr(error))
        raise UntraceableNetworkError(
            f"{name} on input {input_shape}: its channels cannot be followed: {reason}"
        ) from error
    groups = tuple(tracer.groups(seen))
    if not groups:
        raise UntraceableNetworkError(f"{name} on input {input_shape}: no channel can be cut")
    return DependencyGraph(groups, input_shape, tracer.fixed(seen))


def _check(network: nn.Module, seen: tuple[Layer, ...]) -> None:
    owners: dict[int, str] = {}
    ran = {layer.name for layer in seen}
    for name, module in network.named_modules():
        for key, parameter in module.named_parameters(name, recurse=False):
            owner = owners.setdefault(id(parameter), key)
            if owner != key:
                raise UntraceableNetworkError(f"{owner} and {key} are one shared tensor")
        if not isinstance(module, _ConvNd | nn.Linear):
            continue
        if module._parameters.get("weight") is None:
            raise UntraceableNetworkError(f"the weight of {name} is reparametrised")
        if name not in ran:
            raise UntraceableNetworkError(
                f"{name} is not called in evaluation mode; build the network without"
                " auxiliary heads (torchvision: aux_logits=False)"
            )


class _WithStem(nn.Module):
    """The network behind an identity convolution that stands for its input.

    torch-pruning does not see the input: a network that concatenates it with features
    would be cut at wrong indices, silently.
    """

    def __init__(self, network: nn.Module, inputs: torch.Tensor) -> None:
        super().__init__()
        count = inputs.shape[1]
        # Neither meta tensors nor dirac_ draw from the global random state.
        stem = nn.Conv2d(count, count, 1, bias=False, device="meta", dtype=inputs.dtype)
        self.stem = stem.to_empty(device=inputs.device)
        nn.init.dirac_(self.stem.weight)
        self.network = network

    def forward(self, inputs: torch.Tensor) -> Any:
        """What the network makes of the inputs."""
        return self.network(self.stem(inputs))


class _Tracer:
    """torch-pruning's graph of one network, read group by group."""

    def __init__(self, network: nn.Module, inputs: torch.Tensor) -> None:
        self._modules = dict(network.named_modules())
        self._names = {module: name for name, module in self._modules.items()}
        model = _WithStem(network, inputs)
        self._stem = model.stem
        results: list[Any] = []

        # The default forward unpacks a tensor along its batch and retries on any error.
        def forward(model: nn.Module, inputs: torch.Tensor) -> Any:
            results.append(model(inputs))
            return results[-1]

        self._graph = tp.DependencyGraph().build_dependency(
            model, inputs, forward_fn=forward, verbose=False
        )
        ends = {output.grad_fn for output in tp.utils.flatten_as_list(results)}
        self._outputs = {
            node
            for node in self._graph.module2node.values()
            if not node.outputs or node.grad_fn in ends
        }
        self._claims = binding.Claims()

    def groups(self, seen: tuple[Layer, ...]) -> Iterator[Group]:
        """Every prunable group, by the layer of its outputs that runs first."""
        for layer in seen:
            module = self._modules[layer.name]
            if self._claims.any(layer.name):
                continue
            try:
                width, members = binding.bind(self._members(module), self._modules)
                self._claims.add(members)
            except Unbound:
                continue
            least = 2 if self._any_group_norm(members) else 1
            yield _group(layer, module, width, members, least)

    def _any_group_norm(self, members: tuple[Member, ...]) -> bool:
        return any(isinstance(self._modules[each.module], nn.GroupNorm) for each in members)

    def fixed(self, seen: tuple[Layer, ...]) -> tuple[str, ...]:
        """Layers whose outputs no group owns in full."""
        return tuple(layer.name for layer in seen if not self._claims.all(layer.name))

    def _members(self, root: nn.Module) -> list[Member]:
        prune = self._graph.get_pruner_of_module(root).prune_out_channels
        everything = list(range(layers.channels(root, "out")))
        members = []
        for item in self._graph.get_pruning_group(root, prune, everything):
            member = self._member(item)
            if member is not None:
                members.append(member)
        return members

    def _member(self, item: Any) -> Member | None:
        node, reads = item.dep.target, item.dep.handler in _INPUT_SIDE
        if node.module is self._stem or (node in self._outputs and not reads):
            raise Unbound("holds an input or output of the network")
        if node.type in _UNSUPPORTED:
            raise Unbound(f"holds a {type(node.module).__name__}")
        if node.type not in _LAYERS | _NORMS or _is_shared_slope(node.module):
            return None
        side: Side = "in" if reads else "out"
        if not layers.is_supported(node.module, side) or None in item.root_idxs:
            raise Unbound(f"cannot cut {node.name}")
        return Member(
            module=self._names[node.module],
            side=side,
            size=layers.channels(node.module, side),
            channels=np.array(item.root_idxs, dtype=np.int64),
            indices=np.array(item.idxs, dtype=np.int64),
        )


def _is_shared_slope(module: nn.Module) -> bool:
    return isinstance(module, nn.PReLU) and module.num_parameters == 1


def _group(
    layer: Layer, root: nn.Module, width: int, members: tuple[Member, ...], least: int
) -> Group:
    stride, kernel = (root.stride, root.kernel_size) if isinstance(root, _ConvNd) else ((1,), (1,))
    return Group(
        name=layer.name,
        width=width,
        kind=layer.kind,
        members=members,
        out_channels=layers.channels(root, "out"),
        in_channels=layers.channels(root, "in"),
        output_height=layer.output_height,
        output_width=layer.output_width,
        stride=stride[0],
        kernel=math.prod(kernel),
        least=least,
    )
