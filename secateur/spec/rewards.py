"""What a policy's reward is: one spec a kind of reward."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field

from secateur.spaces import Frozen


class AccuracyReward(Frozen):
    """Accuracy alone, of generators closeness: the FLOPs target bounds the cost."""

    kind: Literal["accuracy"] = "accuracy"


class FlopsReward(Frozen):
    """``-error · log(FLOPs)`` (He et al. 2018, AMC, section 3.4)."""

    kind: Literal["flops"] = "flops"


class LatencyReward(Frozen):
    """``accuracy · (latency / dense latency) ** -exponent`` (Tan et al. 2019, MnasNet, eq. 2).

    Attributes:
        exponent: weight of the latency; 0.07 takes a doubled latency for 5 % of accuracy.
        rounds: single images timed; the median counts.
    """

    kind: Literal["latency"] = "latency"
    exponent: float = Field(default=0.07, gt=0, le=1)
    rounds: int = Field(default=20, ge=1, le=10_000)


class LikenessReward(Frozen):
    """``closeness · (distance / dense distance) ** -exponent``, for generators alone.

    The closeness is that to the dense generator's images of the same noise, see
    ``tasks.Generation``; the distance is that of a judge, between real images and images of
    the cut generator, and is measured once for each policy.

    Attributes:
        exponent: weight of the distance; 0.1 takes a doubled distance for 7 % of closeness.
    """

    kind: Literal["likeness"] = "likeness"
    exponent: float = Field(default=0.1, gt=0, le=1)


def _named(value: Any) -> Any:
    """A bare string stands for the kind with its defaults."""
    return {"kind": value} if isinstance(value, str) else value


RewardSpec = Annotated[
    Annotated[
        AccuracyReward | FlopsReward | LatencyReward | LikenessReward,
        Field(discriminator="kind"),
    ],
    BeforeValidator(_named),
]
