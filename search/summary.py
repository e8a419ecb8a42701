"""What a person reads on the terminal about a job, finished or not."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from search.ledger import Ledger
from search.reports import lines
from search.reports.document import plain
from search.reports.figures import dense_against_compressed
from search.reports.records import JobRecords, Records
from secateur.records import Evaluation, Publication
from secateur.tracking.names import CHALLENGER


def summary(ledger: Ledger, page: Path | None = None) -> str:
    """The table of a job, its outcome, and the commands to type next.

    Of a job that has not come to its evaluation: a line a stage that is done.

    Args:
        ledger: of the job.
        page: the report that was written about it; the one in its folder where absent.

    Raises:
        JobConflictError: there is no such job, or a record is not one of this version's.
    """
    job = JobRecords.read(ledger)
    told = _stages(job) if job.evaluation is None else _table(job.evaluation, job.publication)
    asked = job.spec.data.task == "classification"
    ask = f"secateur predict --model {job.spec.model_name} FILE..." if asked else None
    return assembled(job, told, page, commands(job.spec.model_name, job.publication, ask))


def assembled(
    job: Records,
    told: Sequence[str],
    page: Path | None,
    further: Sequence[str],
) -> str:
    """What is to be said of a job of any kind, in its order.

    Args:
        job: of which.
        told: how it went.
        page: the report that was written about it; the one in its folder where absent.
        further: commands to type next.
    """
    missing = ", ".join(job.missing)
    unfinished = [f"not done yet: {missing}; run the job again and it goes on"] if missing else []
    report = f"Pictures and report: {page or job.folder / 'report.html'}"
    return "\n".join(["", *told, *unfinished, report, "", *further])


def _table(evaluation: Evaluation, publication: Publication | None) -> list[str]:
    told = [plain(dense_against_compressed(evaluation))]
    if evaluation.chosen is not None and (publication is None or publication.version is not None):
        told.append("* put forward, chosen on the validation split")
    told += filter(None, [lines.int8_line(evaluation)])
    return told + ([] if publication is None else [lines.publish_line(publication)])


def _stages(job: JobRecords) -> list[str]:
    told = {
        "search": job.searched and lines.search_line(job.searched),
        "prune": job.pruned and lines.prune_line(job.pruned),
        "finetune": job.tuned and lines.finetune_line(job.tuned),
    }
    return [f"{stage:<9} {line}" for stage, line in told.items() if line]


def commands(model: str, publication: Publication | None, ask: str | None) -> list[str]:
    """What to type next, and what for.

    Args:
        model: name of the registered model.
        publication: of the job, if it has come so far.
        ask: the command that asks a server, where there is one for what the model does.
    """
    found = {"secateur ui": "every run, picture and model"}
    if publication is not None and publication.version is not None:
        if publication.alias == CHALLENGER:
            found[f"secateur promote {model}"] = "make the challenger champion"
        else:
            found["secateur serve"] = "answer over HTTP"
            if ask is not None:
                found[ask] = "ask the server"
    width = max(map(len, found))
    return [f"{command:<{width}}  {purpose}" for command, purpose in found.items()]
