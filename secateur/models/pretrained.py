"""Weights that torchvision published, from a file on disk."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

import torch
from safetensors.torch import load_file
from torch import Tensor, nn

from secateur.errors import ArtifactError

# Heads that only training used, which the zoo's networks do not have.
_AUXILIARY = ("aux1.", "aux2.", "AuxLogits.")
# The files of DenseNet call a layer's parts norm.1, which no module's name may be any more.
_OLD_NAME = re.compile(r"(denselayer\d+\.(?:norm|conv))\.(?=\d\.)")
_COUNTER = "num_batches_tracked"


def load_torchvision(network: nn.Module, path: Path) -> tuple[str, ...]:
    """Fill a network with the weights of the torchvision network that it equals.

    Args:
        network: of one of the families ``alexnet``, ``vgg``, ``googlenet``, ``inception``
            (version 3), ``resnet-imagenet``, ``densenet`` and ``efficientnet``, at width 1
            with the ImageNet stem, or the classic head; filled in place.
        path: a state dict as torchvision distributes it, or the same as ``.safetensors``.
            Reading it runs no code.

    Returns:
        Names of the last layer's tensors where the file has another number of classes: they
        keep their values.  Everything else is the file's.

    Raises:
        ArtifactError: no such file, no state dict, or one of another network; ``network``
            is then as it was.
    """
    given, own = _renamed(_read(path)), network.state_dict()
    fresh = _unlike_classes(network, given)
    misfits = [
        f"{name} is {_shown(given, name)} in the file and {_shown(own, name)} in the network"
        for name in sorted(given.keys() | own.keys())
        if _shape(given, name) != _shape(own, name)
        and name not in fresh
        and not (name.endswith(_COUNTER) and name not in given)
    ]
    if misfits:
        others = f", and {len(misfits) - 1} more" if len(misfits) > 1 else ""
        raise ArtifactError(f"{path}: does not fit the network: {misfits[0]}{others}")
    network.load_state_dict(own | {name: given[name] for name in given if name not in fresh})
    return fresh


def _read(path: Path) -> dict[str, Tensor]:
    if not path.is_file():
        raise ArtifactError(f"{path}: no such file; expected weights, .pth or .safetensors")
    try:
        content = (
            load_file(path)
            if path.suffix == ".safetensors"
            else torch.load(path, map_location="cpu", weights_only=True)
        )
    except Exception as error:
        # A file that is no state dict can break its reader in any way.
        reason = next(iter(str(error).splitlines()), repr(error))
        raise ArtifactError(
            f"{path}: cannot be read without running code: {reason}; expected a state dict"
        ) from None
    if not isinstance(content, Mapping) or not all(
        isinstance(name, str) and isinstance(value, Tensor) for name, value in content.items()
    ):
        raise ArtifactError(f"{path}: a {type(content).__name__}; expected a state dict")
    return dict(content)


def _renamed(given: dict[str, Tensor]) -> dict[str, Tensor]:
    return {
        _OLD_NAME.sub(r"\1", name): value
        for name, value in given.items()
        if not name.startswith(_AUXILIARY)
    }


def _unlike_classes(network: nn.Module, given: Mapping[str, Tensor]) -> tuple[str, ...]:
    """Tensors of the last dense layer, if the file's are alike but for the classes."""
    dense = [item for item in network.named_modules() if isinstance(item[1], nn.Linear)]
    name, head = dense[-1]
    names = [f"{name}.{tensor}" for tensor, _ in head.named_parameters()]
    shapes = [(_shape(given, key), tuple(network.get_parameter(key).shape)) for key in names]
    if any(theirs is None or theirs[1:] != ours[1:] for theirs, ours in shapes):
        return ()
    return tuple(key for key, (theirs, ours) in zip(names, shapes, strict=True) if theirs != ours)


def _shape(tensors: Mapping[str, Tensor], name: str) -> tuple[int, ...] | None:
    return tuple(tensors[name].shape) if name in tensors else None


def _shown(tensors: Mapping[str, Tensor], name: str) -> str:
    shape = _shape(tensors, name)
    return "absent" if shape is None else str(shape)
