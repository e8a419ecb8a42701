"""How hard a job prunes, and how it judges what is left."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import Field, field_validator, model_validator

from secateur.spaces import Frozen, Share
from secateur.spec.agents import AgentSpec, DDPGSpec
from secateur.spec.budget import BudgetSpec
from secateur.spec.gpus import GpuShare
from secateur.spec.rewards import AccuracyReward, RewardSpec
from secateur.spec.stages import StagesSpec

ImportanceKind = Literal["l1", "bn-scale", "random"]
CorrectionKind = Literal["recalibrate", "least-squares", "imitate", "none"]


class PruneSpec(Frozen):
    """How the winner is pruned.

    Attributes:
        targets: shares of FLOPs to cut, one agent each, at the same time.
        parameters: share of the parameters to cut besides, whatever the target; where it is left
            out, as many go as follow from the FLOPs.
        agent: who decides.
        seeds: agents a target, alike but for their seed; the best of all is chosen.
        episodes: candidates that an agent evaluates.
        budget: bounds in time, which the agents share equally; an agent ends with its episodes
            or with its share, whichever is reached first.
        gpus: share of a GPU for each process that evaluates; 0 evaluates on the CPU.
        a_max: largest share of a group's channels that may go, for convolutions.
        a_max_dense: the same for dense layers.
        round_to: channel counts are multiples of this where a group is wide enough.
        importance: which channels of a group stay: by the L1 norm of their weights, by
            their batch norm scales, or at random, as a control.
        correction: of a network that was just cut, before it is judged: batch norm
            statistics taken anew, besides these weights solved for by least squares or some
            steps of training towards the dense network's answers, or nothing.
        calibration_images: training images that the correction sees; least squares and
            imitation profit from more, batch norm statistics hardly do.
        reward: what agents are paid, and what finalists are compared by.
        reward_images: validation images an evaluation uses.
        race: stop judging a candidate, from half of the reward images on, once it is 99 % sure
            not to be among the three best; a regression's candidates are all judged in full.
        rerank: best policies that are compared again on the whole validation split.
        stages: how targets too far for one cut are reached.
    """

    targets: Annotated[tuple[Share, ...], Field(max_length=100)] = (0.5, 0.75)
    parameters: Share | None = None
    agent: AgentSpec = DDPGSpec()
    seeds: int = Field(default=1, ge=1, le=1000)
    episodes: int = Field(default=60, ge=1, le=1_000_000)
    budget: BudgetSpec | None = None
    gpus: GpuShare = 0.0
    a_max: Share = 0.8
    a_max_dense: Share = 0.98
    round_to: int = Field(default=8, ge=1, le=65_536)
    importance: ImportanceKind = "l1"
    correction: CorrectionKind = "recalibrate"
    calibration_images: int = Field(default=256, ge=2, le=10_000_000)
    reward: RewardSpec = AccuracyReward()
    reward_images: int = Field(default=1000, ge=1, le=10_000_000)
    race: bool = True
    rerank: int = Field(default=10, ge=1, le=10_000)
    stages: StagesSpec = StagesSpec()

    def told(self) -> str:
        """How far the stage goes, in words."""
        time = "".join(f" or {bound}" for bound in (self.budget.told() if self.budget else ()))
        count = f"{len(self.targets)} target{'s' if len(self.targets) > 1 else ''}"
        return f"{count} of {self.episodes} episodes{time}"

    @field_validator("targets")
    @classmethod
    def _ascending(cls, targets: tuple[float, ...]) -> tuple[float, ...]:
        if not targets or list(targets) != sorted(set(targets)):
            raise ValueError("at least one target, each once, in ascending order")
        return targets

    @model_validator(mode="after")
    def _reachable(self) -> Self:
        # Two layers cut by a_max each keep (1 - a_max)² of the FLOPs between them: no
        # network can be cut further. The network itself is asked before an agent starts.
        reachable = 1 - (1 - max(self.a_max, self.a_max_dense)) ** 2
        if self.targets[-1] > reachable:
            raise ValueError(f"targets up to {reachable:.4g}, which is what a_max can cut")
        return self
