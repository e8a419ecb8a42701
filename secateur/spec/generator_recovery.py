"""How pruned generators recover."""

from __future__ import annotations

from typing import Self

from pydantic import Field, model_validator

from secateur.spaces import Frozen
from secateur.spec.gpus import GpuShare


class GeneratorRecoverySpec(Frozen):
    """The weights that are left learn from the dense generator and from its critic.

    They are to make the images that the dense generator makes of the same noise (after
    Aguinaldo et al. 2019, "Compressing GANs using knowledge distillation"), and to pass with a
    copy of the dense model's critic, which learns on with the pruned generator as its rival.

    Attributes:
        steps: of the pruned generator.
        seconds: CPU time after which it ends, where that comes first.
        distillation: weight of the mean absolute difference to the dense generator's images,
            where the adversarial loss has 1.
        adversarial: whether the critic teaches as well; a model without one distils alone.
        learning_rate_factor: share of the dense model's learning rates.
        ema: decay of the running average of the weights, a step, which is what is judged and
            served; 0 keeps none.
        interval: steps between two reports.
        rerank_steps: of the short recovery after which the best few policies are compared by
            their distance; 0 compares them by the reward alone.
        gpus: share of a GPU for each generator; 0 trains on the CPU.
    """

    steps: int = Field(default=2000, ge=1, le=100_000_000)
    seconds: float | None = Field(default=None, gt=0)
    distillation: float = Field(default=1.0, ge=0)
    adversarial: bool = True
    learning_rate_factor: float = Field(default=0.5, gt=0, le=1)
    ema: float = Field(default=0.99, ge=0, lt=1)
    interval: int = Field(default=200, ge=1, le=100_000_000)
    rerank_steps: int = Field(default=150, ge=0, le=100_000_000)
    gpus: GpuShare = 0.0

    @model_validator(mode="after")
    def _learns(self) -> Self:
        if not (self.distillation or self.adversarial):
            raise ValueError("distillation above 0 where adversarial is false")
        return self

    def short(self) -> Self:
        """The same recovery, for as many steps as tell policies apart."""
        assert self.rerank_steps > 0, "policies are compared by the reward"
        changes = {"steps": self.rerank_steps, "interval": self.rerank_steps}
        return self.model_copy(update=changes)
