"""What agents cut and what became of it, for the page about a job."""

from __future__ import annotations

from collections.abc import Sequence

from search.reports.document import Block, Section, Table, Text
from search.reports.figures import target_name
from search.reports.records import JobRecords
from secateur.records import EvaluatedModel, FinetuneResult, PruningResult

TITLE = "Pruning"


def section(job: JobRecords, pruned: Sequence[PruningResult], score: str) -> Section:
    """Each target from the cut to the test split, and the channels that stayed."""
    prune = job.spec.prune
    assert prune is not None
    agents = "one agent" if prune.seeds == 1 else f"{prune.seeds} agents"
    played = (
        f"For each target {agents} ({pruned[0].agent}) decided "
        f"in {episodes(pruned)} episodes how many channels of each group stay."
    )
    blocks: list[Block] = [Text(played), _targets(job, pruned, score)]
    if job.spec.finetune is not None:
        settings = job.spec.finetune.model_dump()
        method = settings.pop("method")
        told = ", ".join(f"{field.replace('_', ' ')} {value}" for field, value in settings.items())
        blocks.append(Text(f"Recovery by {method}: {told}."))
    return Section(TITLE, (*blocks, groups(pruned)))


def episodes(pruned: Sequence[PruningResult]) -> str:
    """Of a target; a budget in time leaves one fewer than another."""
    least, most = (find(len(result.episodes) for result in pruned) for find in (min, max))
    return str(most) if least == most else f"{least} to {most}"


def _targets(job: JobRecords, pruned: Sequence[PruningResult], score: str) -> Table:
    tuned = {result.target: result for result in job.tuned or ()}
    tested = {model.target: model for model in job.evaluation.compressed} if job.evaluation else {}
    head = (
        "Target", "FLOPs cut", f"{score} after the cut", "epochs of recovery",
        f"{score} recovered", f"{score} on the test split",
    )  # fmt: skip
    rows = (
        (
            target_name(result.target),
            f"{result.flops_cut:.1%}",
            f"{result.accuracy:.2%}",
            *_recovered(tuned.get(result.target)),
            _tested(tested.get(result.target)),
        )
        for result in pruned
    )
    return Table(head, tuple(rows))


def _recovered(tuned: FinetuneResult | None) -> tuple[str, str]:
    return ("", "") if tuned is None else (str(len(tuned.epochs)), f"{tuned.accuracy:.2%}")


def _tested(model: EvaluatedModel | None) -> str:
    return "" if model is None else f"{model.figures.accuracy:.2%}"


def groups(pruned: Sequence[PruningResult]) -> Table:
    """The agents' choices: a row a group, a column a target."""
    first = pruned[0]
    kept = zip(*(result.widths for result in pruned), strict=True)
    rows = (
        (group, str(dense), *(f"{width} ({width / dense:.0%})" for width in widths))
        for group, dense, widths in zip(first.groups, first.dense_widths, kept, strict=True)
    )
    head = ("Channels of group", "dense", *(target_name(result.target) for result in pruned))
    return Table(head, tuple(rows))
