"""The ways to a pruned network that ``benchmarks.recovery`` compares."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cached_property, partial

from torch import nn

from secateur.compression import importance
from secateur.compression.cost import CostModel
from secateur.compression.importance import keep
from secateur.compression.limits import Limits
from secateur.compression.plan import SurgeryPlan
from secateur.compression.policy import allowed_widths, uniform
from secateur.compression.unstructured import sparse
from secateur.data import Dataset
from secateur.models.registry import build
from secateur.records import Architecture, Recipe
from secateur.spec import FinetuneSpec, RecoverySpec, ReinitialiseSpec, RewindSpec
from secateur.training import recovery
from secateur.training.gradual import train_gradually
from secateur.training.pruned import Pruned
from secateur.training.supervised import train

TARGET, EPOCHS, CUTS = 0.8, 10, 10
DISTILLATION = 0.5


@dataclass(frozen=True)
class Subject:
    """A network of one seed, before and after its training.

    Attributes:
        seed: of weights and order.
        data: the same for all seeds.
    """

    seed: int
    data: Dataset

    @property
    def architecture(self) -> Architecture:
        """LeNet-5 at its published widths."""
        return Architecture(
            name="lenet", input_shape=self.data.input_shape, classes=len(self.data.labels)
        )

    def recipe(self, epochs: int = EPOCHS) -> Recipe:
        """Of the dense network, or of a longer training."""
        return Recipe(epochs=epochs, seed=self.seed)

    def initial(self) -> nn.Module:
        """The dense network before its training."""
        return build(self.architecture, self.seed)

    def trained(self, network: nn.Module, epochs: int) -> nn.Module:
        """The network itself, after a whole training."""
        _spend(train(network, self.data.development, self.recipe(epochs)))
        return network

    @cached_property
    def dense(self) -> nn.Module:
        """The dense network after its training; callers leave it as it is."""
        return self.trained(self.initial(), EPOCHS)

    @cached_property
    def plan(self) -> SurgeryPlan:
        """Of the dense network's surgery."""
        return SurgeryPlan.of(self.initial(), self.data.input_shape)

    @cached_property
    def cost(self) -> CostModel:
        """Of the dense network and all that is cut from it."""
        return CostModel.of(self.initial(), self.plan, self.data.input_shape)

    @cached_property
    def widths(self) -> tuple[int, ...]:
        """That every structured row ends with."""
        allowed = allowed_widths(self.plan.groups)
        return uniform(Limits.of(self.cost, TARGET), allowed)

    def cut(self, network: nn.Module) -> Pruned:
        """The dense structure with these weights, cut by their L1 norms."""
        kept = keep(importance.l1(network, self.plan), self.widths)
        return Pruned(
            network=self.plan.prune(network, kept),
            dense=network,
            plan=self.plan,
            kept=kept,
            architecture=self.architecture,
            recipe=self.recipe(),
            development=self.data.development,
        )


def recovered(spec: RecoverySpec, subject: Subject) -> nn.Module:
    """Cut after the training, then recovered by a method of the jobs."""
    pruned = subject.cut(subject.dense)
    _spend(recovery.recover(pruned, spec))
    return pruned.network


def at_initialisation(subject: Subject) -> nn.Module:
    """Cut by the initial weights, then trained as long as the others in all."""
    return subject.trained(subject.cut(subject.initial()).network, 2 * EPOCHS)


def during_training(subject: Subject) -> nn.Module:
    """Cut step by step in the first half of one long training."""
    network = subject.initial()
    steps = train_gradually(
        network, subject.widths, subject.data.development, subject.recipe(2 * EPOCHS), CUTS
    )
    for stepped, _ in steps:
        network = stepped
    return network


def unstructured(spec: FinetuneSpec, subject: Subject) -> nn.Module:
    """As many weights zeroed as the structured cut removes, then fine-tuned under the mask."""
    network, cost = copy.deepcopy(subject.dense), subject.cost
    zeros = cost.dense_parameters - int(cost.parameters(subject.widths))
    with sparse(network, zeros):
        _spend(
            recovery.finetune(
                network, subject.dense, subject.data.development, subject.recipe(), spec
            )
        )
    return network


def _methods() -> dict[str, Callable[[Subject], nn.Module]]:
    rows: dict[str, Callable[[Subject], nn.Module]] = {}
    for suffix, weight in (("", 0.0), ("-distilled", DISTILLATION)):
        gentle = FinetuneSpec(epochs=EPOCHS, distillation=weight)
        full = FinetuneSpec(epochs=EPOCHS, distillation=weight, learning_rate_factor=1.0)
        rows |= {
            f"finetune{suffix}": partial(recovered, gentle),
            f"finetune-full-rate{suffix}": partial(recovered, full),
            f"rewind{suffix}": partial(recovered, RewindSpec(distillation=weight)),
            f"reinitialise{suffix}": partial(recovered, ReinitialiseSpec(distillation=weight)),
            f"unstructured{suffix}": partial(unstructured, gentle),
        }
    return rows


ROWS: dict[str, Callable[[Subject], nn.Module]] = {
    "dense": lambda subject: subject.dense,
    "dense-twice-as-long": lambda subject: subject.trained(subject.initial(), 2 * EPOCHS),
    "cut-alone": lambda subject: subject.cut(subject.dense).network,
    **_methods(),
    "at-initialisation": at_initialisation,
    "during-training": during_training,
}
"""What is done to a subject, by the name that results go by."""


def _spend(epochs: Iterable[object]) -> None:
    for _ in epochs:
        pass
