"""What a person reads when a job has ended."""

from __future__ import annotations

from search import report
from search.ledger import Ledger
from secateur.errors import JobConflictError
from secateur.records import Evaluation, Publication
from secateur.tracking.names import CHALLENGER


def summary(ledger: Ledger) -> str:
    """The table of a finished job, its outcome, and the commands to type next.

    Raises:
        JobConflictError: there is no such job, or it has not come to its evaluation.
    """
    spec = ledger.spec()
    evaluation = ledger.read("evaluate", Evaluation)
    publication = ledger.read("publish", Publication)
    if evaluation is None or publication is None:
        raise JobConflictError(
            f"{ledger.folder}: the job has not finished; run it again and it goes on"
        )
    chosen = publication.version is not None and evaluation.chosen is not None
    lines = [
        "",
        report.plain(report.table(evaluation)),
        "* put forward, chosen on the validation split" if chosen else "",
        *filter(None, [report.int8_line(evaluation)]),
        report.publish_line(publication),
        f"Pictures and report: {ledger.folder / 'report.md'}",
        "",
    ]
    commands = {"secateur ui": "every run, picture and model"}
    if publication.version is not None and publication.alias == CHALLENGER:
        commands[f"secateur promote {spec.model_name}"] = "make the challenger champion"
    elif publication.version is not None:
        commands["secateur serve"] = "answer over HTTP"
        if spec.data.task == "classification":
            commands[f"secateur predict --model {spec.model_name} FILE..."] = "ask the server"
    width = max(map(len, commands))
    lines += [f"{command:<{width}}  {purpose}" for command, purpose in commands.items()]
    return "\n".join(lines)
