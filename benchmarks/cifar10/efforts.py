"""How much is spent on the table: on a GPU, on a CPU, or to see that all of it runs."""

from __future__ import annotations

from dataclasses import dataclass

from benchmarks.cifar10.subjects import Subject
from secateur.records import Recipe

VALIDATION = 0.1
"""Share of the training images that rewards and choices are taken on; never trained on."""


@dataclass(frozen=True)
class Effort:
    """What one run of all stages may take.

    Attributes:
        epochs: of the dense training, by network; ``""`` is that of all others.
        finetune: epochs of the recovery, the same for every row.
        between: epochs between two stages of pruning.
        episodes: that an agent plays.
        reward_images: validation images that an episode is judged by.
        limit: training images; all where absent.
    """

    epochs: dict[str, int]
    finetune: int
    between: int
    episodes: int = 400
    reward_images: int = 5000
    limit: int | None = None

    def recipe(self, network: str, subject: Subject, seed: int) -> Recipe:
        """Of the dense network: SGD with Nesterov's momentum, one cycle, crops and mirrors."""
        return Recipe(
            optimizer="nesterov",
            learning_rate=subject.learning_rate,
            weight_decay=5e-4,
            batch_size=128,
            epochs=self.epochs.get(network, self.epochs[""]),
            augment=("shift", "mirror"),
            seed=seed,
        )


EFFORTS = {
    "full": Effort({"": 200}, finetune=100, between=4),
    "short": Effort(
        {"": 12, "resnet20": 20, "resnet56": 20}, finetune=12, between=2, reward_images=1000
    ),
    "brief": Effort({"": 6}, finetune=6, between=1, reward_images=1000),
    "tiny": Effort({"": 1}, finetune=1, between=1, episodes=8, reward_images=64, limit=640),
}
"""``full`` is for a GPU, ``short`` for a CPU, ``brief`` for one and a network of VGG-19's size;
``tiny`` only shows that every stage runs."""
