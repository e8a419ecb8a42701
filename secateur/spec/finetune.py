"""How pruned networks recover: one spec a method, all with or without a teacher."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field

from secateur.spaces import Frozen
from secateur.spec.gpus import GpuShare


class _Recovery(Frozen):
    """What all methods share.

    Attributes:
        distillation: weight of the dense network's softened answers in the loss, in [0, 1];
            0 trains on the labels alone.
        temperature: of the softened answers.
        gpus: share of a GPU for each network; 0 trains on the CPU.
    """

    distillation: float = Field(default=0.5, ge=0, le=1)
    temperature: float = Field(default=4.0, gt=0)
    gpus: GpuShare = 0.0


class FinetuneSpec(_Recovery):
    """The weights that are left are trained on, briefly and gently (Han et al. 2015).

    Attributes:
        epochs: passes over the training split.
        learning_rate_factor: share of the dense network's learning rate.
    """

    method: Literal["finetune"] = "finetune"
    epochs: int = Field(default=12, ge=1, le=100_000)
    learning_rate_factor: float = Field(default=0.3, gt=0, le=1)

    def length(self, _dense: int) -> int:
        """Epochs of recovery, for a dense network that was trained for ``_dense``."""
        return self.epochs


class RewindSpec(_Recovery):
    """Weights go back to an early epoch, the rest of the training is repeated.

    Weight rewinding (Renda, Frankle & Carbin 2020): the channels are those that the trained
    network keeps; rates are those that the dense network had from that epoch on.

    Attributes:
        rewind_to: share of the dense network's epochs to go back to, in [0, 1); 0 is where
            it began (Frankle & Carbin 2019).
    """

    method: Literal["rewind"] = "rewind"
    rewind_to: float = Field(default=0.1, ge=0, lt=1)

    def length(self, dense: int) -> int:
        """Epochs of recovery, for a dense network that was trained for ``dense``."""
        return dense - self.early(dense)

    def early(self, dense: int) -> int:
        """Epochs to go back to: the nearest whole number, in [1, dense - 1] for shares above 0.

        A network that was trained for one epoch goes back to where it began.
        """
        if not self.rewind_to:
            return 0
        return min(max(1, round(self.rewind_to * dense)), dense - 1)


class ReinitialiseSpec(_Recovery):
    """The pruned network is trained as the dense one was, from fresh weights.

    The control of Liu et al. 2019: what is the found architecture worth by itself?
    """

    method: Literal["reinitialise"] = "reinitialise"

    def length(self, dense: int) -> int:
        """Epochs of recovery, for a dense network that was trained for ``dense``."""
        return dense


def _mapping(given: Any) -> Any:
    """``rewind`` for ``{method: rewind}``, and ``finetune`` where no method is named."""
    if isinstance(given, str):
        return {"method": given}
    if isinstance(given, dict):
        return {"method": FinetuneSpec().method} | given
    if isinstance(given, Frozen):
        return given
    raise ValueError("the name of a method, or a mapping with its 'method' and settings")


RecoverySpec = Annotated[
    Annotated[FinetuneSpec | RewindSpec | ReinitialiseSpec, Field(discriminator="method")],
    BeforeValidator(_mapping),
]
