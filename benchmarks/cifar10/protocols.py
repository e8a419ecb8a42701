"""The ways to the target that the table compares, all with the same images and epochs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from benchmarks.cifar10.efforts import Effort
from benchmarks.cifar10.subjects import Subject
from secateur.spec import FinetuneSpec, PruneSpec
from secateur.spec.agents import DDPGSpec, PublishedDDPGSpec
from secateur.spec.rivals import UniformSpec
from secateur.spec.stages import StagesSpec

GENTLE, FULL = 0.1, 1.0
"""Shares of the dense network's learning rate: as published, and learning rate rewinding."""

ONE_CUT = 0.99
"""Largest share that one stage cuts, where the target is to be reached in a single one."""


@dataclass(frozen=True)
class Protocol:
    """One way.

    Attributes:
        title: as the table calls it.
        prune: how policies are found; none where nothing is cut.
        finetune: how the network recovers.
    """

    title: str
    prune: Callable[[Subject, Effort], PruneSpec] | None
    finetune: Callable[[Effort], FinetuneSpec]


def thesis(subject: Subject, effort: Effort) -> PruneSpec:
    """As published: raw accuracy as reward, one cut, L1, 100 + 300 episodes of DDPG."""
    return PruneSpec(
        targets=(subject.target,),
        agent=PublishedDDPGSpec(warmup=0.0, constant=0.25, noise=0.5),
        episodes=effort.episodes,
        a_max=0.8,
        a_max_dense=0.98,
        round_to=subject.round_to,
        importance="l1",
        correction="none",
        reward_images=effort.reward_images,
        race=False,
        stages=StagesSpec(largest=ONE_CUT),
    )


def ours(subject: Subject, effort: Effort) -> PruneSpec:
    """Rewards after batch-norm recalibration, stages, and the agent of the jobs."""
    return PruneSpec(
        targets=(subject.target,),
        parameters=subject.parameters,
        agent=DDPGSpec(),
        episodes=effort.episodes,
        round_to=subject.round_to,
        reward_images=effort.reward_images,
        stages=StagesSpec(finetune=FinetuneSpec(epochs=effort.between)),
    )


def uniform(subject: Subject, effort: Effort) -> PruneSpec:
    """The same share of every group, in the stages of ours: what is a search worth?"""
    return ours(subject, effort).model_copy(update={"agent": UniformSpec()})


def gentle(effort: Effort) -> FinetuneSpec:
    """As published: the labels alone, at a lower rate."""
    return FinetuneSpec(epochs=effort.finetune, distillation=0.0, learning_rate_factor=GENTLE)


def distilled(effort: Effort) -> FinetuneSpec:
    """With the dense network as teacher, at the full rate (Renda, Frankle & Carbin 2020)."""
    return FinetuneSpec(epochs=effort.finetune, learning_rate_factor=FULL)


PROTOCOLS = {
    "thesis": Protocol("As published", thesis, gentle),
    "ours": Protocol("Sécateur", ours, distilled),
    "uniform": Protocol("Uniform widths, our recovery", uniform, distilled),
    "longer": Protocol("Dense, trained on as long", None, distilled),
}
"""By the names of the command line.  The last is what the recovery alone would give."""
