"""What agents are rewarded with, as pictures tell it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Self

from matplotlib.axis import Axis

from search.pictures.look import percents
from secateur.spec.rewards import RewardSpec


@dataclass(frozen=True)
class Earned:
    """Rewards of a kind.

    Attributes:
        name: of what is earned, before the cut networks are fine-tuned.
        share: whether it is told in %; other rewards are numbers of no unit.
    """

    name: str
    share: bool = True

    @classmethod
    def by(cls, reward: RewardSpec, score: str) -> Self:
        """What ``prune.reward`` asks for, where the task calls its score ``score``."""
        if reward.kind == "accuracy":
            return cls(score)
        return cls(f"reward by {reward.kind}", share=False)

    def shown(self, rewards: Iterable[float]) -> list[float]:
        """Rewards on the scale of the picture."""
        return [100 * reward if self.share else reward for reward in rewards]

    def told(self, shown: float) -> str:
        """A value of that scale in words."""
        return f"{shown:.2f}%" if self.share else f"{shown:.4g}"

    def mark(self, axis: Axis) -> None:
        """Have an axis say the unit."""
        if self.share:
            percents(axis)
