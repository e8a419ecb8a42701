"""All networks of one generative training, as one module."""

from __future__ import annotations

from torch import nn

from secateur.compression.rebuild import duplicate
from secateur.models.generators import Networks, build_networks, families
from secateur.models.generators.layers import Critic
from secateur.models.generators.registry import Learns
from secateur.records import Architecture, GenerativeRecipe
from secateur.training.generative import constraints


class GenerativeModel(nn.Module):
    """The networks of one training; its state dict is all that a checkpoint needs of them.

    Args:
        architecture: that the networks were built from.
        networks: held, not copied.
        averaged: whether a running average of the generator is kept.

    Attributes:
        architecture: as given.
        trained: the generator that learns.
        average: its running average, in evaluation mode, where one is kept.
        critic: where the family has one.
        encoder: where the family has one.
    """

    def __init__(self, architecture: Architecture, networks: Networks, *, averaged: bool) -> None:
        super().__init__()
        self.architecture = architecture
        self.trained = networks.generator
        self.average = duplicate(networks.generator).eval() if averaged else None
        self.critic: Critic | None = networks.critic
        self.encoder: nn.Module | None = networks.encoder
        if self.average is not None:
            self.average.requires_grad_(False)

    @property
    def generator(self) -> nn.Module:
        """What is judged and served: the average where one is kept."""
        return self.trained if self.average is None else self.average

    @property
    def learns(self) -> Learns:
        """How these networks are trained."""
        return families()[self.architecture.name].learns

    def learning_mode(self) -> None:
        """Training mode, but for the average."""
        self.train()
        if self.average is not None:
            self.average.eval()


def begin(architecture: Architecture, recipe: GenerativeRecipe) -> GenerativeModel:
    """Networks with the initial weights of a training, on the CPU.

    Args:
        architecture: of the networks; its input shape is that of the images.
        recipe: its seed is that of the weights; with a spectral norm the critic's layers are
            reparametrised, and with ``ema`` the generator is there twice.

    Raises:
        ArchitectureError: the architecture makes no networks.
        SpecError: the constraint does not go with the critic.
    """
    networks = build_networks(architecture, recipe.seed)
    if networks.critic is not None:
        constraints.of(recipe).prepare(networks.critic)
    return GenerativeModel(architecture, networks, averaged=recipe.ema > 0)
