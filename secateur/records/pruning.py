"""What agents found and what became of it."""

from __future__ import annotations

from typing import Literal

from secateur.records.base import Record, TimeBound
from secateur.records.networks import EpochMetrics


class Episode(Record):
    """One pruning episode: what was tried and what it earned.

    Attributes:
        number: position in the agent's run, from 0.
        widths: channels kept a group.
        reward: what it earned by the job's kind of reward; by ``accuracy`` that on the reward
            split after the correction, or R² of a regression where that is not below 0.
        flops: FLOPs left, for one image.
        noise: standard deviation of the exploration noise, infinite-like when uniform, 0 for
            agents that add none.
        seed: of the agent, where several play for one target.
    """

    number: int
    widths: tuple[int, ...]
    reward: float
    flops: int
    noise: float = 0.0
    seed: int = 0


class PruningResult(Record):
    """What an agent found for one FLOPs target.

    Attributes:
        target: share of FLOPs to cut, in (0, 1).
        agent: kind of agent.
        widths: channels kept a group by the chosen policy.
        accuracy: of the chosen policy on the whole validation split, before fine-tuning; of a
            regression R², of a generator its closeness to the dense one, see ``tasks.Generation``.
        dense_flops: FLOPs of the network that was pruned.
        flops: FLOPs of the chosen policy.
        groups: names of the groups, in the order of ``widths``.
        dense_widths: channels of the dense network a group.
        episodes: every episode.
        start: weights that the policy is cut from, relative to the agents' folder; absent
            where they are the dense network's.
        seed: of the agent that found the chosen policy.
        distance: of a generator, by which it was chosen: that of its images after a short
            recovery; absent where policies were compared by the reward.
        front: the episodes that no other beats in both reward and FLOPs, fewest FLOPs first.
        stopped_by: what bounded the play: the number of episodes, or a budget in time, if only
            that of one of the agents.
    """

    target: float
    agent: str
    widths: tuple[int, ...]
    accuracy: float
    dense_flops: int
    flops: int
    groups: tuple[str, ...]
    dense_widths: tuple[int, ...]
    episodes: tuple[Episode, ...]
    start: str | None = None
    seed: int = 0
    distance: float | None = None
    front: tuple[Episode, ...] = ()
    stopped_by: Literal["episodes"] | TimeBound = "episodes"

    @property
    def flops_cut(self) -> float:
        """Share of FLOPs removed, in [0, 1)."""
        return 1 - self.flops / self.dense_flops


class FinetuneResult(Record):
    """A pruned network after recovery.

    Attributes:
        target: the FLOPs target it was pruned for.
        artifact: folder of the fine-tuned model, relative to the job's.
        accuracy: on the validation split, after fine-tuning; of a regression R².
        epochs: every epoch of fine-tuning.
    """

    target: float
    artifact: str
    accuracy: float
    epochs: tuple[EpochMetrics, ...]
