"""The page about one job: what was tried, what won, what was cut, what it cost."""

from __future__ import annotations

from pathlib import Path

from search.ledger import Ledger
from search.reports import cuts, lines, origin, story, trials
from search.reports.document import (
    Block,
    Document,
    Facts,
    Section,
    Table,
    Text,
)
from search.reports.figures import dense_against_compressed, target_name, tiles
from search.reports.illustrated import illustrated
from search.reports.pages import save_in
from search.reports.parts import unfinished, with_pictures
from search.reports.records import JobRecords
from secateur import gate
from secateur.records import Evaluation, score_name
from secateur.spec import JobSpec

MEASURED = (
    "Measured on the test split through ONNX Runtime on one CPU thread; FLOPs and latency are for "
    "one image, size is that of the served file."
)
RESULTS = "Dense against compressed"
_TOLD_IN = {
    **dict.fromkeys(("rewards", "front", "channels"), cuts.TITLE),
    **dict.fromkeys(
        ("learning-curves", "search", "search-costs", "search-importance", "search-parallel"),
        trials.TITLE,
    ),
}
"""The section of a picture, by the name of its file, where it is not that of the results."""


def write(ledger: Ledger) -> tuple[Path, Path]:
    """Write ``report.html`` and ``report.md`` into a job's folder.

    A job that has not come to its end is told as far as it came.

    Raises:
        JobConflictError: there is no such job, or a record is not one of this version's.
    """
    return save_in(document(illustrated(ledger)), ledger.folder)


def document(job: JobRecords) -> Document:
    """Everything that the records of a job say, and what is missing."""
    spec, evaluation, score = job.spec, job.evaluation, score_name(job.spec.data.task)
    sections = []
    if evaluation is not None:
        sections.append(_results(evaluation))
    if job.searched is not None:
        sections.append(trials.section(job.searched, score))
    if job.pruned:
        sections.append(cuts.section(job, job.pruned, score))
    if evaluation is not None:
        sections.append(_gate(spec, evaluation))
    return Document(
        title=spec.name,
        about=f"{spec.data.task.capitalize()} of {job.data_name}, seed {spec.seed}",
        lead=_lead(job),
        tiled=_put_forward(evaluation) if evaluation else "",
        tiles=tiles(evaluation) if evaluation else (),
        sections=(
            *with_pictures(sections, job.pictures or (), _TOLD_IN, RESULTS),
            origin.section(job),
        ),
    )


def _lead(job: JobRecords) -> tuple[Block, ...]:
    """What was tried, what won and by how much, what it cost, and what is missing."""
    told = {"Tried": story.tried(job), "Won": story.won(job), "Gate": story.gate(job)}
    if job.account is not None:
        told["Cost"] = story.cost(job.account)
    facts = Facts(tuple(told.items()))
    return (unfinished(job.folder, job.missing), facts) if job.missing else (facts,)


def _put_forward(evaluation: Evaluation) -> str:
    if evaluation.chosen is None:
        return "The network, of which nothing was cut"
    return f"Put forward: {target_name(evaluation.champion.target)}, against the dense network"


def _results(evaluation: Evaluation) -> Section:
    notes = [MEASURED]
    if evaluation.chosen is not None:
        notes.append("* put forward, chosen on the validation split.")
    notes += filter(None, [lines.int8_line(evaluation)])
    table = dense_against_compressed(evaluation)
    return Section(RESULTS, (table, *map(Text, notes)))


def _gate(spec: JobSpec, evaluation: Evaluation) -> Section:
    """Each bound, and whether the network that is put forward holds it."""
    dense, figures = evaluation.dense.figures, evaluation.champion.figures
    missed = " ".join(gate.failures(spec.publish, dense, figures))
    reached = {
        "min_accuracy": figures.accuracy,
        "max_accuracy_drop": dense.accuracy - figures.accuracy,
        "min_flops_cut": 1 - figures.flops / dense.flops,
    }
    rows = tuple(
        (
            f"publish.{field}",
            f"{bound:.2%}",
            f"{reached[field]:.2%}",
            "missed" if f"publish.{field} " in missed else "held",
        )
        for field, bound in spec.publish.bounds()
    )
    return Section("Gate", (Table(("Bound", "asked", "reached", "outcome"), rows, words=(0, 3)),))
