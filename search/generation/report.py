"""The page about one generative job: its samples, what was tried, what was cut, what it cost."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from search.generation import results, story, tables
from search.generation.records import GenerationRecords
from search.ledger import Ledger
from search.pictures.picture import Picture
from search.reports import cuts, origin
from search.reports.document import Block, Document, Facts, Section, Text
from search.reports.figures import target_name
from search.reports.illustrated import keep
from search.reports.pages import save_in
from search.reports.parts import unfinished, with_pictures
from search.reports.records import PICTURES
from search.reports.story import cost
from secateur.records import GenerativeEvaluation

RESULTS = "Dense against compressed"
MEASURED = (
    "Judged by {images:,} images against {real:,} of the test split on the features {judge}: "
    "distances are no Inception FIDs, and compare where the judge and both numbers are the same. "
    "FLOPs and latency are for one image, through ONNX Runtime on one CPU thread; size is that of "
    "the served file."
)
_TOLD_IN = {
    **dict.fromkeys(("rewards", "front", "channels", "recovery"), cuts.TITLE),
    **dict.fromkeys(
        ("search", "distance-against-flops", "likeness-by-step", "losses"),
        tables.SEARCH,
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


def illustrated(ledger: Ledger) -> GenerationRecords:
    """The records of a job, with pictures of as much of it as is done.

    Raises:
        JobConflictError: there is no such job, or a record is not one of this version's.
        ArtifactError: samples or a saved generator are damaged.
    """
    job = GenerationRecords.read(ledger)
    if job.pictures is not None or job.searched is None:
        return job
    return replace(job, pictures=draw(ledger))


def draw(ledger: Ledger) -> tuple[Picture, ...]:
    """Draw a job whose search is done, and record what was drawn once it is evaluated.

    Raises:
        ArtifactError: samples or a saved generator are damaged.
    """
    # Matplotlib takes long to import, and pages of finished jobs need none of it.
    from search.generation.pictures import album

    job = GenerationRecords.read(ledger)
    assert job.searched is not None, "pictures begin with those of the search"
    pictures = album.draw(job, job.folder / PICTURES)
    if job.evaluation is not None:
        keep(ledger, pictures)
    return pictures


def document(job: GenerationRecords) -> Document:
    """Everything that the records of a job say, and what is missing."""
    evaluation = job.evaluation
    sections = []
    if evaluation is not None:
        sections.append(_results(evaluation))
    if job.searched is not None:
        sections.append(tables.search(job.searched))
    if job.pruned:
        sections.append(tables.pruning(job))
    if evaluation is not None:
        sections.append(tables.gate(job.spec.publish, evaluation))
    return Document(
        title=job.spec.name,
        about=f"Generation of {job.data_name}, seed {job.spec.seed}",
        lead=_lead(job),
        tiled=_put_forward(evaluation) if evaluation else "",
        tiles=results.tiles(evaluation) if evaluation else (),
        sections=(
            *with_pictures(sections, job.pictures or (), _TOLD_IN, RESULTS),
            origin.section(job),
        ),
    )


def _lead(job: GenerationRecords) -> tuple[Block, ...]:
    told = {"Tried": story.tried(job), "Won": story.won(job), "Gate": story.gate(job)}
    if job.account is not None:
        told["Cost"] = cost(job.account)
    facts = Facts(tuple(told.items()))
    return (unfinished(job.folder, job.missing), facts) if job.missing else (facts,)


def _put_forward(evaluation: GenerativeEvaluation) -> str:
    if evaluation.chosen is None:
        return "The generator, of which nothing was cut"
    return f"Put forward: {target_name(evaluation.champion.target)}, against the dense generator"


def _results(evaluation: GenerativeEvaluation) -> Section:
    notes = [MEASURED.format(**evaluation.dense.figures.likeness.model_dump())]
    if evaluation.chosen is not None:
        notes.append("* put forward, chosen by the validation distance.")
    notes += [
        f"{name.removesuffix(' *')} collapsed: {model.figures.likeness.collapse}."
        for name, model in zip(results.names(evaluation), results.models(evaluation), strict=True)
        if model.figures.likeness.collapsed
    ]
    blocks: list[Block] = [results.table(evaluation), *map(Text, notes)]
    further = results.further(evaluation)
    if further is not None:
        blocks.append(further)
    return Section(RESULTS, tuple(blocks))
