"""The job of a generator: everything that a user may ask of it."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from secateur.generator_gate import GeneratorGate
from secateur.spaces import DCGANSpace, GenerativeRecipeSpace, GeneratorSpace
from secateur.spec.common import CommonSpec, JobName
from secateur.spec.exploration import ExplorationSpec
from secateur.spec.generator_recovery import GeneratorRecoverySpec
from secateur.spec.prune import PruneSpec


class GenerativeSearchSpec(ExplorationSpec):
    """Which generative networks are tried, and how long; the least distance wins.

    Attributes:
        networks: families to choose from; each brings its own dimensions.
        recipe: dimensions of training.
        budget: bounds in time; the one of these and of ``trials`` that is reached first counts.
        trials: networks to train; where it is left out, 16, or any number with a budget.
        parallel: trials at once, each on one CPU.
        gpus: share of a GPU for each trial; 0 trains on the CPU.
        sampler: Optuna's; ``grid`` tries every combination of lists and whole numbers once.
        scheduler: ``asha`` stops the trials that are weaker at the same share of their steps
            or seconds, ``median`` those below the median there, ``none`` none.
        steps: of the generator, in a trial that is not stopped early.
        seconds: CPU time of a trial's training, judging left out, after which it ends where
            that comes first; how many steps are done by then depends on the machine.
        interval: steps between two reports of the losses.
        judge_every: intervals between two judgements.
        images: that are made for a judgement; distances compare at one number alone.
    """

    networks: tuple[GeneratorSpace, ...] = (DCGANSpace(),)
    recipe: GenerativeRecipeSpace = GenerativeRecipeSpace()
    sampler: Literal["tpe", "gp", "cmaes", "qmc", "grid", "random"] = "tpe"
    steps: int = Field(default=2000, ge=1, le=100_000_000)
    seconds: float | None = Field(default=None, gt=0)
    interval: int = Field(default=200, ge=1, le=100_000_000)
    judge_every: int = Field(default=2, ge=1, le=1_000_000)
    images: int = Field(default=2000, ge=100, le=100_000)


class GenerativePublishSpec(GeneratorGate):
    """The gate in front of the model registry, and the name behind it.

    Attributes:
        name: registered model; the job's name where absent.
        alias: of the new version: ``champion`` answers applications from then on, and
            ``challenger`` waits beside the champion until it is promoted.
    """

    name: JobName | None = None
    alias: Literal["champion", "challenger"] = "champion"


class GenerationSpec(CommonSpec):
    """One generative job, from images to a published generator of such.

    Attributes:
        name: names the job's folder, its runs and, by default, its model.
        seed: of splits, samplers, weights, noise and agents.
        task: tells this job from those of classifiers.
        prune: null leaves pruning out: the searched generator itself is measured and published.
        recover: counts where something is pruned.
        show: images to ask the server for at the end; 0 starts no server.
    """

    task: Literal["generation"]
    search: GenerativeSearchSpec = GenerativeSearchSpec()
    prune: PruneSpec | None = PruneSpec()
    recover: GeneratorRecoverySpec | None = GeneratorRecoverySpec()
    publish: GenerativePublishSpec = GenerativePublishSpec()
    show: int = Field(default=0, ge=0, le=100)

    @property
    def model_name(self) -> str:
        """Name of the registered model."""
        return self.publish.name or self.name

    @property
    def stages(self) -> tuple[str, ...]:
        """Names of the stages, in order."""
        cut = ("prune", "recover") if self.prune else ()
        return ("search", *cut, "evaluate", "publish")
