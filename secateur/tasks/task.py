"""What training, judging, saving and measuring a network ask of its task."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Protocol, TypeVar

from numpy.typing import NDArray
from torch import Tensor, nn

from secateur.errors import SpecError, nearest
from secateur.records import TaskKind
from secateur.training.losses import Objective

L = TypeVar("L")

Credit = Callable[[Tensor, Tensor], Tensor]
"""What single answers are worth: outputs and targets of a batch -> (batch,), 1 at best."""


class Task(Protocol):
    """A task; instances are frozen and travel to workers.

    Outputs are those of a network, float32 (batch, outputs); targets are what a data set
    holds beside each input, (batch,).
    """

    @property
    def kind(self) -> TaskKind:
        """Name in specs, records and manifests."""

    @property
    def counts(self) -> bool:
        """Whether an answer is right or wrong, so that scores are shares of a number."""

    def objective(self, loss: str, label_smoothing: float) -> Objective:
        """What training minimises.

        Args:
            loss: name of one of the task's losses; ``auto`` is its own.
            label_smoothing: for tasks that have labels.

        Raises:
            SpecError: the task has no such loss.
        """

    def imitation(
        self, teacher: nn.Module, weight: float, temperature: float, hard: Objective
    ) -> Objective:
        """An objective mixed with the answers of a teacher.

        Args:
            teacher: takes the images that the student takes, on the same device.
            weight: of the teacher, in [0, 1].
            temperature: that softens its answers, where the task has such.
            hard: the other part, which learns from the targets.
        """

    def loss(self, outputs: Tensor, targets: Tensor) -> Tensor:
        """The task's own loss, a scalar, whatever training minimises."""

    def credit(self, targets: Tensor) -> Credit:
        """What single answers are worth, on a split of these targets.

        The mean over the split is its score: 1 at best.
        """

    def reward(self, score: float) -> float:
        """What agents are paid for a score: in [0, 1], never lower for a higher score."""

    def head(self) -> nn.Module:
        """What follows the network in the graph that is served."""

    def figures(self, answers: NDArray[Any], targets: NDArray[Any]) -> dict[str, float]:
        """The fields of ``Figures`` that say how good a network is.

        Args:
            answers: of the served graph, one row a target.
            targets: of the test split.
        """


def named(losses: Mapping[str, L], name: str, own: str) -> L:
    """The loss of a name, or the one called ``own`` for ``auto``.

    Raises:
        SpecError: no loss has it.
    """
    known = own if name == "auto" else name
    if known not in losses:
        raise SpecError("loss", name, nearest(name, losses))
    return losses[known]
