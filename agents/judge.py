"""What a policy is worth: a reward on images held out from training, without fine-tuning."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import torch
from torch import Tensor

from agents.candidates import Candidates
from agents.rewards import Widths, Worth, accuracy_alone
from secateur.compression.execution import EXACT, Execution
from secateur.errors import NonFiniteRewardError
from secateur.tasks import CLASSIFICATION, Task


class Judge:
    """Rewards of policies on a fixed set of images.

    Widths that were seen before are answered from memory.

    Args:
        candidates: cuts the networks.
        images: normalised, to judge by, on the network's device.
        labels: their classes, or values.
        worth: the reward, given accuracy and widths.
        execution: how forward passes are run; the default is exact.
        task: says what answers are worth.

    Attributes:
        worth: as given.
        execution: as given.
        images: how many it judges by.
    """

    def __init__(
        self,
        candidates: Candidates,
        images: Tensor,
        labels: Tensor,
        worth: Worth = accuracy_alone,
        execution: Execution = EXACT,
        task: Task = CLASSIFICATION,
    ) -> None:
        self._candidates, self.worth, self.execution = candidates, worth, execution
        batches = execution.batches(images)
        self._batches = list(zip(batches, labels.tensor_split(len(batches)), strict=True))
        self.images, self._device = len(labels), images.device
        self._task, self._credit = task, task.credit(labels)
        self._known: dict[Widths, float] = {}

    def __call__(self, widths: Widths) -> float:
        """The reward.

        Raises:
            NonFiniteRewardError: the network's answers are not finite.
        """
        return self.worth(self.accuracy(widths), widths)

    @property
    def batches(self) -> int:
        """Batches that the images make."""
        return len(self._batches)

    def accuracy(self, widths: Widths) -> float:
        """The accuracy, or what the task pays for its score, in [0, 1]; raises as a call does."""
        if widths not in self._known:
            *_, (right, _) = self.tallies(widths)
            self._known[widths] = self._share(right)
        return self._known[widths]

    def best(self, policies: Sequence[Widths]) -> Widths:
        """The policy of the highest reward, of equals the first.

        A policy is given up as soon as it cannot win any more: when its reward would not
        exceed the best one's even if all images still to come were answered rightly.
        Rewards rise with the accuracy, so the choice is that of judging every policy in
        full.
        """
        leader, top = policies[0], self(policies[0])
        for widths in policies[1:]:
            if self._exceeds(widths, top):
                leader, top = widths, self(widths)
        return leader

    def _exceeds(self, widths: Widths, bar: float) -> bool:
        if widths in self._known:
            return self(widths) > bar
        for right, seen in self.tallies(widths):
            if self.worth(self._share(right + self.images - seen), widths) <= bar:
                return False
        self._known[widths] = self._share(right)
        return True

    def _share(self, right: float) -> float:
        return self._task.reward(right / self.images)

    def tallies(self, widths: Widths) -> Iterator[tuple[float, int]]:
        """(right answers, images seen) so far, after each of the ``batches``.

        Where answers are right or wrong their number is whole; else it is the sum of what
        they are worth, of which each adds 1 at best.

        Raises:
            NonFiniteRewardError: the network's answers are not finite.
        """
        network = self._candidates.ready(widths, self.execution)
        right, seen = 0.0, 0
        for images, labels in self._batches:
            with self.execution.running(self._device):
                logits: Tensor = network(images)
            if not torch.isfinite(logits).all():
                raise NonFiniteRewardError(
                    f"reward of widths {list(widths)}: the network's answers are not finite; "
                    "expected finite logits on every validation image"
                )
            right += float(self._credit(logits, labels).sum())
            seen += len(labels)
            yield right, seen
