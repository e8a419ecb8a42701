"""What a person reads on the terminal about a generative job, finished or not."""

from __future__ import annotations

from pathlib import Path

from search.generation import lines, results
from search.generation.records import GenerationRecords
from search.ledger import Ledger
from search.reports.document import plain
from search.reports.lines import publish_line
from search.summary import assembled, commands
from secateur.records import GenerativeEvaluation, Publication


def summary(ledger: Ledger, page: Path | None = None) -> str:
    """The table of a job, its outcome, and the commands to type next.

    Of a job that has not come to its evaluation: a line a stage that is done.

    Args:
        ledger: of the job.
        page: the report that was written about it; the one in its folder where absent.

    Raises:
        JobConflictError: there is no such job, or a record is not one of this version's.
    """
    job = GenerationRecords.read(ledger)
    told = _stages(job) if job.evaluation is None else _table(job.evaluation, job.publication)
    model = job.spec.model_name
    ask = f"secateur generate --model {model} --output images.png"
    return assembled(job, told, page, commands(model, job.publication, ask))


def _table(evaluation: GenerativeEvaluation, publication: Publication | None) -> list[str]:
    told = [plain(results.table(evaluation))]
    if evaluation.chosen is not None and (publication is None or publication.version is not None):
        told.append("* put forward, chosen by the validation distance")
    return told + ([] if publication is None else [publish_line(publication)])


def _stages(job: GenerationRecords) -> list[str]:
    told = {
        "search": job.searched and lines.search_line(job.searched),
        "prune": job.pruned and lines.prune_line(job.pruned),
        "recover": job.recovered and lines.recover_line(job.recovered),
    }
    return [f"{stage:<9} {line}" for stage, line in told.items() if line]
