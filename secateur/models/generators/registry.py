"""Names of generative families, and the one door through which their networks are built.

A family is a function of ``(image_shape, **arguments)`` in a file of its own that makes a
generator and the networks it learns beside.  A generator maps standard normal noise,
float32 (n, latent, 1, 1), to images (n, channels, height, width) in [-1, 1], and has the
attribute ``latent``.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, TypeVar

import torch
from torch import nn

from secateur.models.asking import check
from secateur.models.generators.layers import Critic
from secateur.records import Architecture
from secateur.spaces import Frozen, fields

Learns = Literal["adversarial", "variational", "variational-adversarial", "denoising"]
"""How a family is trained, see ``secateur.training.generative``."""


@dataclass(frozen=True)
class Networks:
    """The networks of one training.

    Attributes:
        generator: noise in, images out; the only one that is judged, pruned and served.
        critic: says how real images are.
        encoder: images -> mean and logarithm of the variance of their noise, (n, 2·latent).
    """

    generator: nn.Module
    critic: Critic | None = None
    encoder: nn.Module | None = None


Builder = Callable[..., Networks]
_B = TypeVar("_B", bound=Builder)


@dataclass(frozen=True)
class GeneratorFamily:
    """A registered family.

    Attributes:
        builder: called as ``builder(image_shape, **arguments)``; every argument has a default.
        space: the arguments, by name, and their bounds.
        learns: how it is trained.
    """

    builder: Builder
    space: type[Frozen]
    learns: Learns

    @property
    def arguments(self) -> tuple[str, ...]:
        """Names of the keyword arguments."""
        return fields(self.space)


_FAMILIES: dict[str, GeneratorFamily] = {}


def register(name: str, space: type[Frozen], *, learns: Learns) -> Callable[[_B], _B]:
    """Decorate a builder to make it buildable as ``name``."""

    def keep(builder: _B) -> _B:
        assert name not in _FAMILIES, f"two families named {name!r}"
        _FAMILIES[name] = GeneratorFamily(builder, space, learns)
        return builder

    return keep


def families() -> dict[str, GeneratorFamily]:
    """All registered generative families by name."""
    return dict(_FAMILIES)


def build_networks(architecture: Architecture, seed: int | None = None) -> Networks:
    """Build all networks of a training on the CPU, in training mode.

    Args:
        architecture: the family and its arguments; its input shape is that of the images.
        seed: of the initial weights; torch's global random state is then left as it was.
            Absent, the weights come from that global state.

    Raises:
        ArchitectureError: an unknown family or argument, or a value out of bounds.
    """
    family = check(architecture, _FAMILIES)
    with torch.random.fork_rng(devices=[], enabled=seed is not None):
        if seed is not None:
            torch.default_generator.manual_seed(seed)
        return family.builder(architecture.input_shape, **architecture.arguments)


def build_generator(architecture: Architecture, seed: int | None = None) -> nn.Module:
    """The generator alone; otherwise as ``build_networks``, and with the same weights."""
    return build_networks(architecture, seed).generator


def latent_of(architecture: Architecture) -> int:
    """How many values an image of this generator is made of; raises as ``build_networks``."""
    with torch.device("meta"):
        latent = build_generator(architecture, seed=0).latent
    assert isinstance(latent, int), latent
    return latent
