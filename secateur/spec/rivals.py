"""Rivals of the DDPG agent: what else may decide how hard each group is pruned."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from secateur.spaces import Frozen


class _Searching(Frozen):
    """What agents that learn from episodes share.

    Attributes:
        actions: how an action is read: as the ``ratio`` of channels to cut, or ``relative``
            to the uniform policy that meets what is left of the target.
    """

    actions: Literal["ratio", "relative"] = "ratio"


class PPOSpec(_Searching):
    """RLlib's proximal policy optimisation (Schulman et al. 2017) on the same environment.

    Attributes:
        rollout: episodes played before each update.
        epochs: passes over a rollout in one update.
        learning_rate: of actor and critic.
    """

    kind: Literal["ppo"] = "ppo"
    rollout: int = Field(default=8, ge=1, le=1000)
    epochs: int = Field(default=8, ge=1, le=1000)
    learning_rate: float = Field(default=3e-3, gt=0, le=1)


class SACSpec(_Searching):
    """RLlib's soft actor-critic (Haarnoja et al. 2018) on the same environment.

    Attributes:
        warmup: share of the episodes that are played before learning begins.
        entropy: weight of the policy's entropy against the reward, at the start; learned
            from there.
        learning_rate: of the actor and the critics.
    """

    kind: Literal["sac"] = "sac"
    warmup: float = Field(default=0.25, ge=0, lt=1)
    entropy: float = Field(default=0.001, gt=0, le=10)
    learning_rate: float = Field(default=3e-3, gt=0, le=1)


class RandomSpec(_Searching):
    """Uniformly random actions, each episode anew: what every agent has to beat."""

    kind: Literal["random"] = "random"


class TPESpec(_Searching):
    """Optuna's tree-structured Parzen estimator (Bergstra et al. 2011) over the actions.

    Attributes:
        warmup: random policies at the start, one more where groups are modelled jointly.
        multivariate: model all groups jointly, not each by itself.
    """

    kind: Literal["tpe"] = "tpe"
    warmup: int = Field(default=10, ge=1, le=10_000)
    multivariate: bool = True


class CMAESSpec(_Searching):
    """Optuna's covariance matrix adaptation (Hansen & Ostermeier 2001) over the actions.

    Attributes:
        population: policies a generation; absent means 4 + 3 ln(groups), rounded down.
    """

    kind: Literal["cmaes"] = "cmaes"
    population: int | None = Field(default=None, ge=2, le=10_000)


class NSGA2Spec(_Searching):
    """Optuna's NSGA-II (Deb et al. 2002): accuracy against FLOPs, for a front of both.

    Attributes:
        population: policies a generation.
    """

    kind: Literal["nsga2"] = "nsga2"
    population: int = Field(default=16, ge=2, le=10_000)


class BeeColonySpec(_Searching):
    """An artificial bee colony over the actions (ABCPruner, Lin et al. 2020).

    Attributes:
        sources: policies that the colony keeps; as many bees are employed, as many look on.
        limit: trials without a better neighbour after which a source is given up.
        changes: groups in which a neighbour differs, at most.
    """

    kind: Literal["bee-colony"] = "bee-colony"
    sources: int = Field(default=10, ge=2, le=10_000)
    limit: int = Field(default=5, ge=1, le=10_000)
    changes: int = Field(default=2, ge=1, le=10_000)


class UniformSpec(Frozen):
    """One ratio for all groups; one policy, so one episode whatever the budget."""

    kind: Literal["uniform"] = "uniform"


class L1GlobalSpec(Frozen):
    """One threshold on the L1 norms of all groups' channels (Li et al. 2017); one episode."""

    kind: Literal["l1-global"] = "l1-global"


class BNScaleSpec(Frozen):
    """One threshold on L1 norms and batch-norm scales (CCPrune, Chen et al. 2021); one episode."""

    kind: Literal["bn-scale"] = "bn-scale"
