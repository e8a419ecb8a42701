"""Who decides how hard each group is pruned: one spec a kind of agent."""

from __future__ import annotations

from typing import Annotated, Any, Literal, Self

from pydantic import BeforeValidator, Field, model_validator

from secateur.spaces import Frozen
from secateur.spec.rivals import (
    BeeColonySpec,
    BNScaleSpec,
    CMAESSpec,
    L1GlobalSpec,
    NSGA2Spec,
    PPOSpec,
    RandomSpec,
    SACSpec,
    TPESpec,
    UniformSpec,
)

Hidden = Annotated[
    tuple[Annotated[int, Field(ge=1, le=16_384)], ...], Field(min_length=1, max_length=16)
]
"""Units of hidden layers."""


class DDPGSpec(Frozen):
    """The DDPG agent (Lillicrap et al. 2016; He et al. 2018), as it does best.

    Attributes:
        actions: how an action is read: ``relative`` to the uniform policy that meets what
            is left of the target, or as the ``ratio`` of channels to cut, as published.
        state: what the agent sees: the eleven published features of the ``layers``, or the
            whole dependency ``graph`` through a message-passing encoder.
        imagined: episodes that a model of the reward ranks for each that is evaluated; 0
            lets the noisy actor play whatever comes, as published.
        warmup: share of the episodes that act at random.
        constant: share of the episodes, after the warm-up, at constant noise; over those
            that are left it decays exponentially.
        noise: standard deviation of the truncated normal exploration noise.
        noise_final: the same at the last episode.
        actor_learning_rate: of the actor.
        critic_learning_rate: of the critic.
        updates: gradient steps for each step of an episode.
        hidden: units of the hidden layers of actor and critic.
        runners: processes that evaluate episodes at the same time; 1 is the agent's own.
        start_from: begins with the weights of a trained agent, without a warm-up: the name
            of a job beside this one, or the folder of a job's agent.
    """

    kind: Literal["ddpg"] = "ddpg"
    actions: Literal["relative", "ratio"] = "relative"
    state: Literal["layers", "graph"] = "layers"
    imagined: int = Field(default=2048, ge=0, le=100_000)
    warmup: float = Field(default=0.1, ge=0, lt=1)
    constant: float = Field(default=0.0, ge=0, lt=1)
    noise: float = Field(default=0.4, gt=0, le=1000)
    noise_final: float = Field(default=0.1, gt=0)
    actor_learning_rate: float = Field(default=1e-4, gt=0)
    critic_learning_rate: float = Field(default=1e-3, gt=0)
    updates: int = Field(default=1, ge=1, le=1000)
    hidden: Hidden = (128, 128)
    runners: int = Field(default=1, ge=1, le=1000)
    start_from: str | None = Field(default=None, min_length=1)

    @model_validator(mode="after")
    def _decaying(self) -> Self:
        if self.noise_final > self.noise:
            raise ValueError(f"noise_final up to noise, which is {self.noise}")
        if self.warmup + self.constant > 1:
            raise ValueError("warmup and constant that leave at most all episodes: a sum up to 1")
        return self


class PublishedDDPGSpec(DDPGSpec):
    """The DDPG agent with the actions, exploration, state and networks of He et al. 2018."""

    kind: Literal["ddpg-published"] = "ddpg-published"  # type: ignore[assignment]
    actions: Literal["relative", "ratio"] = "ratio"
    imagined: int = Field(default=0, ge=0, le=100_000)
    warmup: float = Field(default=0.25, ge=0, lt=1)
    noise: float = Field(default=0.5, gt=0, le=1000)
    noise_final: float = Field(default=0.05, gt=0)
    hidden: Hidden = (300, 300)


def _mapping(given: Any) -> Any:
    """``tpe`` for ``{kind: tpe}``, and the kind of the default where none is named."""
    if isinstance(given, str):
        return {"kind": given}
    if isinstance(given, dict):
        return {"kind": DDPGSpec().kind} | given
    if isinstance(given, Frozen):
        return given
    raise ValueError("the name of an agent, or a mapping with its 'kind' and settings")


AgentSpec = Annotated[
    Annotated[
        DDPGSpec
        | PublishedDDPGSpec
        | PPOSpec
        | SACSpec
        | RandomSpec
        | TPESpec
        | CMAESSpec
        | NSGA2Spec
        | BeeColonySpec
        | UniformSpec
        | L1GlobalSpec
        | BNScaleSpec,
        Field(discriminator="kind"),
    ],
    BeforeValidator(_mapping),
]
