"""Candidates: the networks that policies cut out of one dense network."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from torch import Tensor, nn

from secateur.compression import importance
from secateur.compression.correction import Correction, Recalibration, untouched
from secateur.compression.execution import EXACT, Execution
from secateur.compression.folding import Pairs, fold, foldable
from secateur.compression.groups import InputShape
from secateur.compression.imitation import Imitation
from secateur.compression.importance import Scores, keep
from secateur.compression.least_squares import LeastSquares
from secateur.compression.plan import SurgeryPlan
from secateur.compression.probe import fastest
from secateur.spec.prune import CorrectionKind, ImportanceKind


@dataclass(frozen=True)
class Candidates:
    """Cuts candidates out of one dense network.

    Attributes:
        network: dense and trained; never altered.
        plan: of its surgery.
        scores: importance of every channel, a group.
        correction: of a network that was just cut: right after surgery accuracy says
            little at high cuts.
    """

    network: nn.Module
    plan: SurgeryPlan
    scores: Scores
    correction: Correction

    @property
    def input_shape(self) -> InputShape:
        """(channels, height, width) of one image."""
        return self.plan.graph.input_shape

    def cut(self, widths: Sequence[int], execution: Execution = EXACT) -> nn.Module:
        """The network pruned to ``widths`` by importance, and corrected.

        Args:
            widths: channels kept a group.
            execution: how forward passes of the correction are run; the network is placed
                for it.
        """
        kept = keep(self.scores, widths)
        pruned = execution.place(self.plan.prune(self.network, kept))
        self.correction(pruned, kept, execution)
        return pruned

    def bare(self, widths: Sequence[int]) -> nn.Module:
        """As ``cut``, but not corrected, which changes answers and not how long they take."""
        return self.plan.prune(self.network, keep(self.scores, widths))

    def ready(self, widths: Sequence[int], execution: Execution = EXACT) -> nn.Module:
        """As ``cut``, but for answering alone: in evaluation mode, batch norm folded."""
        network = self.cut(widths, execution).eval()
        fold(network, self.pairs)
        return execution.place(network)

    def quickest(self, widths: Sequence[int], images: Tensor) -> Execution:
        """The fastest way on this machine to run networks about as wide as ``widths``.

        Args:
            widths: channels kept a group.
            images: normalised, on the network's device; at most one batch is used.
        """
        return fastest(self.ready(widths), images)

    @cached_property
    def pairs(self) -> Pairs:
        """The batch norms that can be folded, in every network cut from this one."""
        return foldable(self.network, self.input_shape)


def score(kind: ImportanceKind, network: nn.Module, plan: SurgeryPlan, seed: int) -> Scores:
    """The importance of every channel by the criterion that a spec names.

    Args:
        kind: ``l1``, ``bn-scale`` or ``random``.
        network: dense.
        plan: of its surgery.
        seed: of random scores.
    """
    if kind == "random":
        return importance.random(plan, seed)
    return {"l1": importance.l1, "bn-scale": importance.bn_scale}[kind](network, plan)


def correction(
    kind: CorrectionKind, network: nn.Module, plan: SurgeryPlan, images: Tensor
) -> Correction:
    """The correction that a spec names.

    Args:
        kind: ``recalibrate``, ``least-squares``, ``imitate`` or ``none``.
        network: dense.
        plan: of its surgery.
        images: normalised training images to take statistics on.
    """
    match kind:
        case "recalibrate":
            return Recalibration(images)
        case "least-squares":
            return LeastSquares(network, plan, images)
        case "imitate":
            return Imitation(network, images)
        case "none":
            return untouched
