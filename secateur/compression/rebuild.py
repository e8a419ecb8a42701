"""A copy of a network in which every tensor is chosen anew.

``copy.deepcopy`` copies the weights first; surgery would then throw most of them away.
Here the module objects are copied and each tensor is whatever the caller makes of it.
"""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

import torch
from torch import nn

Replace = Callable[[str, str, torch.Tensor], torch.Tensor]

# Values that copies share; everything else in a module's __dict__ is copied deeply.
_SHARED = (type(None), bool, int, float, complex, str, bytes, torch.dtype, torch.device)
_CONTAINERS = (dict, list, set)


def rebuild(network: nn.Module, replace: Replace) -> nn.Module:
    """Copy the modules of a network and replace its tensors.

    Args:
        network: left untouched; modules and tensors that it holds twice stay shared in
            the copy.
        replace: called once a parameter or buffer with the module's dotted name, the
            tensor's name in it and the tensor; returns the tensor of the copy, which for
            a parameter becomes a new leaf that requires a gradient where it is floating.

    Returns:
        A network of the same classes, modes (training or evaluation) and hooks.
    """
    names = {id(module): name for name, module in network.named_modules()}
    modules = list(network.modules())
    memo: dict[int, Any] = {id(old): type(old).__new__(type(old)) for old in modules}
    with torch.no_grad():
        for module in modules:
            _replace_tensors(module, names[id(module)], replace, memo)
    for module in modules:
        twin = memo[id(module)]
        twin.__dict__.update({key: _copied(value, memo) for key, value in vars(module).items()})
    rebuilt = memo[id(network)]
    assert isinstance(rebuilt, nn.Module)
    return rebuilt


def detached(network: nn.Module) -> nn.Module:
    """A copy that shares the data of all tensors but none of the autograd state.

    Running it forward in evaluation mode leaves the original as it was.
    """
    return rebuild(network, lambda _module, _name, tensor: tensor.detach())


def duplicate(network: nn.Module) -> nn.Module:
    """A copy with data of its own; what is frozen stays so, and masked weights stay masked."""
    twin = rebuild(network, lambda _module, _name, tensor: tensor.detach().clone())
    for copied, parameter in zip(twin.parameters(), network.parameters(), strict=True):
        copied.requires_grad_(parameter.requires_grad)
    return twin


def _replace_tensors(module: nn.Module, name: str, replace: Replace, memo: dict[int, Any]) -> None:
    for key, parameter in module._parameters.items():
        if parameter is not None and id(parameter) not in memo:
            new = replace(name, key, parameter)
            memo[id(parameter)] = nn.Parameter(new, requires_grad=new.is_floating_point())
    for key, buffer in module._buffers.items():
        if buffer is not None and id(buffer) not in memo:
            memo[id(buffer)] = replace(name, key, buffer)


def _copied(value: Any, memo: dict[int, Any]) -> Any:
    """As ``copy.deepcopy``, with short ways for what modules mostly hold."""
    if isinstance(value, _SHARED):
        return value
    if isinstance(value, _CONTAINERS) and not value:
        return type(value)()
    if type(value) is dict:
        return {key: _copied(item, memo) for key, item in value.items()}
    if type(value) is tuple:
        return tuple(_copied(item, memo) for item in value)
    if isinstance(value, torch.Tensor) and not value.is_leaf:
        value = value.detach()  # computed from parameters, as masked weights are
    return memo[id(value)] if id(value) in memo else copy.deepcopy(value, memo)
