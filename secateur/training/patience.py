"""Early stopping (Prechelt 1998, "Early stopping, but when?")."""

from __future__ import annotations

from collections.abc import Sequence

from torch import Tensor, nn

from secateur.records import EpochMetrics, Recipe


class Patience:
    """Watches over one training of a network, and keeps its best weights.

    An epoch is better than another by its validation score, of equals by its validation
    loss.

    Args:
        network: in training; gets its best weights back at the end.
        recipe: its patience is the number of epochs without a better one after which the
            training ends; with 0 it goes on to the recipe's last epoch and nothing is kept.

    Attributes:
        weights: of the best epoch so far, by name; empty where nothing is kept.
    """

    def __init__(self, network: nn.Module, recipe: Recipe) -> None:
        self._network, self._recipe = network, recipe
        self._best: EpochMetrics | None = None
        self.weights: dict[str, Tensor] = {}

    def restore(self, metrics: Sequence[EpochMetrics], weights: dict[str, Tensor]) -> None:
        """Know what was known after the last of some epochs.

        Args:
            metrics: of the epochs so far, in order.
            weights: of the best of them.
        """
        # Of equals the first, as ``after`` has it.
        self._best = max(metrics, key=_merit, default=None)
        self.weights = weights

    def after(self, metrics: EpochMetrics) -> EpochMetrics:
        """The metrics of the weights that the network holds from here on.

        Args:
            metrics: of an epoch that is just over.
        """
        last = metrics.epoch >= self._recipe.epochs
        if not self._recipe.patience:
            return metrics.model_copy(update={"last": last})
        if self._best is None or _merit(metrics) > _merit(self._best):
            state = self._network.state_dict()
            self.weights = {name: value.detach().clone() for name, value in state.items()}
            self._best = metrics
        waited = metrics.epoch - self._best.epoch
        if not last and waited < self._recipe.patience:
            return metrics
        if not waited:
            return metrics.model_copy(update={"last": True})
        self._network.load_state_dict(self.weights)
        changes = {"epoch": metrics.epoch, "train_loss": metrics.train_loss}
        return self._best.model_copy(update={**changes, "last": True, "kept": self._best.epoch})


def _merit(metrics: EpochMetrics) -> tuple[float, float]:
    return metrics.validation_accuracy, -metrics.validation_loss
