"""A training on disk, so that one that was interrupted goes on as if it had not been."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from pydantic import TypeAdapter
from torch import nn
from torch.optim import Optimizer

from secateur.records import EpochMetrics, GenerativeRecipe, Recipe
from secateur.scratch import whole
from secateur.training.patience import Patience

Facts = tuple[int | float, ...]
"""Of a data set: it is another one where they differ."""

_METRICS = TypeAdapter(list[EpochMetrics])


@dataclass(frozen=True)
class TrainingState:
    """What changes from epoch to epoch of one training.

    Attributes:
        recipe: of the training.
        network: in training.
        optimizer: of its parameters.
        generator: of order, augmentation and dropout, on the CPU.
        patience: knows the best epoch so far.
        data: facts about what is learned from.
    """

    recipe: Recipe
    network: nn.Module
    optimizer: Optimizer
    generator: torch.Generator
    patience: Patience
    data: Facts

    @property
    def training(self) -> str:
        """Tells this training from another one."""
        return identity(self.recipe, self.network, self.data)


def identity(recipe: Recipe | GenerativeRecipe, network: nn.Module, data: Facts) -> str:
    """What tells one training from another: recipe, the shapes that it trains, and its data."""
    shapes = {name: list(one.shape) for name, one in network.state_dict().items()}
    return json.dumps([recipe.model_dump(mode="json"), shapes, list(data)])


@dataclass(frozen=True)
class Checkpoint:
    """A file that holds a training after its last whole epoch.

    Attributes:
        path: of the file, which is there whole or not at all.
    """

    path: Path

    def restore(self, state: TrainingState) -> list[EpochMetrics]:
        """Bring a training to where the file says that it was, in place.

        Reading runs no code (``torch.load`` with ``weights_only``).

        Returns:
            The metrics of all epochs that are over; none, and nothing is changed, where there
            is no file, a broken one, or one of another training.
        """
        try:
            # What belongs on another device is copied there; counts of steps stay, as in training.
            found = torch.load(self.path, "cpu", weights_only=True)
        except Exception:  # what a machine that went down left can break its reader in any way
            return []
        if not isinstance(found, dict) or found.get("training") != state.training:
            return []
        state.network.load_state_dict(found["network"])
        state.optimizer.load_state_dict(found["optimizer"])
        state.generator.set_state(found["generator"])
        metrics = _METRICS.validate_json(found["metrics"])
        state.patience.restore(metrics, found["best"])
        return metrics

    def keep(self, state: TrainingState, metrics: Iterable[EpochMetrics]) -> None:
        """Write the training as it is now.

        Args:
            state: of the training.
            metrics: of all epochs that are over.
        """
        content: dict[str, Any] = {
            "training": state.training,
            "network": state.network.state_dict(),
            "optimizer": state.optimizer.state_dict(),
            "generator": state.generator.get_state(),
            "best": state.patience.weights,
            "metrics": _METRICS.dump_json(list(metrics)).decode(),
        }
        self.path.parent.mkdir(parents=True, exist_ok=True)
        # By its name torch refuses a file that begins with a dot.
        with whole(self.path) as partial, partial.open("wb") as file:
            torch.save(content, file)
