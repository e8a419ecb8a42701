"""How far one stage of pruning goes, and what happens between two."""

from __future__ import annotations

from pydantic import field_validator

from secateur.spaces import Frozen, Share
from secateur.spec.finetune import FinetuneSpec


class StagesSpec(Frozen):
    """Targets beyond ``largest`` are reached in stages with a short fine-tune between.

    Every stage keeps the same share of the FLOPs that it starts with, in the fewest stages
    of which none cuts more than ``largest``: a target of 0.9 with 0.8 is reached by way of
    1 - sqrt(0.1) = 0.68.  The stages share the agent's episodes equally.

    Attributes:
        largest: largest share of FLOPs that one stage cuts from what it starts with.
        finetune: between two stages; always by this method, since the next stage goes on from
            the weights of the last.
    """

    largest: Share = 0.8
    finetune: FinetuneSpec = FinetuneSpec(epochs=2)

    @field_validator("finetune")
    @classmethod
    def _by_the_agent(cls, finetune: FinetuneSpec) -> FinetuneSpec:
        if finetune.gpus:
            raise ValueError("no gpus: an agent fine-tunes on its own share, prune.gpus")
        return finetune
