"""What a person reads on the terminal about a job, finished or not."""

from __future__ import annotations

from pathlib import Path

from search.ledger import Ledger
from search.reports import lines
from search.reports.document import plain
from search.reports.figures import dense_against_compressed
from search.reports.records import JobRecords
from secateur.records import Evaluation, Publication
from secateur.spec import JobSpec
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
    job, told = JobRecords.read(ledger), [""]
    if job.evaluation is None:
        told += _stages(job)
    else:
        told += _table(job.evaluation, job.publication)
    if job.missing:
        told.append(f"not done yet: {', '.join(job.missing)}; run the job again and it goes on")
    told += [f"Pictures and report: {page or ledger.folder / 'report.html'}", ""]
    return "\n".join(told + _commands(job.spec, job.publication))


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


def _commands(spec: JobSpec, publication: Publication | None) -> list[str]:
    """What to type next, and what for."""
    commands = {"secateur ui": "every run, picture and model"}
    if publication is not None and publication.version is not None:
        if publication.alias == CHALLENGER:
            commands[f"secateur promote {spec.model_name}"] = "make the challenger champion"
        else:
            commands["secateur serve"] = "answer over HTTP"
            if spec.data.task == "classification":
                commands[f"secateur predict --model {spec.model_name} FILE..."] = "ask the server"
    width = max(map(len, commands))
    return [f"{command:<{width}}  {purpose}" for command, purpose in commands.items()]
