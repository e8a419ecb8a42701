"""What the parts of a job ask of each other."""

from __future__ import annotations

from typing import TYPE_CHECKING

from secateur.errors import SpecError, nearest
from secateur.spaces import LOSSES, ends

if TYPE_CHECKING:
    from secateur.spec.job import JobSpec


def check(spec: JobSpec) -> None:
    """Hold the parts of a job, each sound by itself, against each other.

    Raises:
        SpecError: two parts contradict each other.
    """
    _check_pruning(spec)
    _check_losses(spec)
    _check_teacher(spec)
    if spec.data.task == "regression":
        _check_regression(spec)


def _check_pruning(spec: JobSpec) -> None:
    if spec.prune is None and spec.publish.min_flops_cut:
        expected = "0 where prune is null: nothing is cut"
        raise SpecError("publish.min_flops_cut", spec.publish.min_flops_cut, expected)
    if spec.prune is not None and spec.finetune is None:
        raise SpecError("finetune", None, "a method of recovery, or null for prune as well")
    if spec.prune is not None and spec.prune.reward.kind == "likeness":
        expected = "accuracy, flops or latency: likeness is a reward of generators"
        raise SpecError("prune.reward.kind", "likeness", expected)


def _check_losses(spec: JobSpec) -> None:
    known = LOSSES[spec.data.task]
    for loss in ends(spec.search.recipe.loss):
        if loss not in known:
            expected = f"{nearest(str(loss), known)} for a {spec.data.task}"
            raise SpecError("search.recipe.loss", loss, expected)


def _check_teacher(spec: JobSpec) -> None:
    teacher, recovery = spec.search.teacher, spec.finetune
    if teacher is not None and recovery is not None and recovery.method == "rewind":
        expected = "no teacher where finetune.method is rewind: it repeats the training without"
        raise SpecError("search.teacher", str(teacher.model), expected)


def _check_regression(spec: JobSpec) -> None:
    if any(ends(spec.search.recipe.label_smoothing)):
        given = spec.search.recipe.label_smoothing
        raise SpecError("search.recipe.label_smoothing", given, "0: a regression has no labels")
    if spec.search.augment:
        expected = "nothing: the changes are those of images"
        raise SpecError("search.augment", list(spec.search.augment), expected)
    if spec.show:
        raise SpecError("show", spec.show, "0: only answers to images are shown")
