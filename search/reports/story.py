"""A job in five lines: what was tried, what won, what it cost, what the gate said, what to read."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from search.ledger import Ledger
from search.reports.amounts import percent, rounded
from search.reports.document import Tile
from search.reports.figures import target_name, tiles
from search.reports.lines import describe, publish_line
from search.reports.records import JobRecords
from secateur.records import (
    Account,
    Evaluation,
    GenerativeSearchResult,
    SearchResult,
    Spent,
    score_name,
)
from secateur.spec import JobSpec, PruneSpec

LEAST_SHARE = 0.005
"""Stages that take less than this share of a job's CPU time are not told of."""


def told(ledger: Ledger, stopped: str | None = None) -> str:
    """``markdown`` of a job's records.

    Raises:
        JobConflictError: there is no such job, or a record is not one of this version's.
    """
    return markdown(JobRecords.read(ledger), stopped)


def markdown(job: JobRecords, stopped: str | None = None) -> str:
    """A paragraph a line, as far as the job has come; MLflow shows it as a run's description.

    Args:
        job: what the stages have left.
        stopped: why the job ended early, if it did.
    """
    return paragraphs(
        {
            "Tried": tried(job),
            "Won": won(job),
            "Cost": cost(job.account or Account()),
            "Gate": gate(job),
        },
        stopped,
    )


def paragraphs(texts: Mapping[str, str], stopped: str | None = None) -> str:
    """A paragraph a title, then where the report lies and why the job ended early, if it did."""
    told = {
        **texts,
        "Report": "`report.html` and `pictures` among the artifacts; `secateur run job.yaml`, with "
        "the file that lies beside them, does it all again.",
    }
    if stopped is not None:
        told["Stopped"] = f"{stopped}; `secateur run` with the same job goes on from here."
    return "\n\n".join(f"**{title}:** {text}" for title, text in told.items())


def tried(job: JobRecords) -> str:
    """The search and the agents."""
    spec = job.spec
    families = ", ".join(space.kind for space in spec.search.networks)
    return f"{networks(job.searched)} of {families} on {spec.data.kind}; {played(spec.prune)}."


def played(spec: PruneSpec | None) -> str:
    """The agents, for each of their targets."""
    if spec is None:
        return "nothing was pruned"
    targets = ", ".join(target_name(target) for target in spec.targets)
    agents = "one agent" if spec.seeds == 1 else f"{spec.seeds} agents"
    return f"{agents} ({spec.agent.kind}) for each of {targets}"


def won(job: JobRecords) -> str:
    """The network that is put forward, against the dense one."""
    if job.searched is None:
        return "nothing yet."
    best = job.searched.best
    network = describe(best.architecture)
    if job.evaluation is None:
        return f"so far {network}, dense, {best.accuracy or 0.0:.2%} on the validation split."
    return f"{network}, {_measured(job.evaluation)}."


def cost(account: Account) -> str:
    """CPU-hours, GPU-hours and hours, and which stages took them."""
    wall, cpu, gpu = (rounded(hours, 2) for hours in account.total.hours)
    text = f"{cpu} CPU-hours, {gpu} GPU-hours, {wall} h by the clock"
    if account.begun > 1:
        text += f", begun {account.begun} times"
    shares = ", ".join(_shares(account.stages, account.total))
    return f"{text}; CPU: {shares}." if shares else f"{text}."


def gate(job: JobRecords) -> str:
    """What was asked of the network, and whether it held."""
    asked = bounds(job.spec)
    if job.publication is None:
        return f"not asked yet; it wants {asked}."
    verdict = "refused" if job.publication.version is None else "held"
    return f"{verdict} ({asked}): {publish_line(job.publication)}."


def bounds(spec: JobSpec) -> str:
    """What a job's gate wants, in words."""
    asked, score = spec.publish, score_name(spec.data.task)
    told = [f"an {score} drop of at most {asked.max_accuracy_drop:.2%}"]
    if asked.min_accuracy:
        told.append(f"an {score} of at least {asked.min_accuracy:.2%}")
    if asked.min_flops_cut:
        told.append(f"at least {percent(asked.min_flops_cut)} of the FLOPs cut")
    return ", ".join(told)


def networks(searched: SearchResult | GenerativeSearchResult | None) -> str:
    """How many there were, and how those ended that did not finish."""
    if searched is None:
        return "networks"
    ends = {"stopped early": searched.count("stopped"), "failed": searched.count("failed")}
    early = ", ".join(f"{count} {end}" for end, count in ends.items() if count)
    return f"{len(searched.trials):,} networks{f' ({early})' if early else ''}"


def _measured(evaluation: Evaluation) -> str:
    figures = listed(tiles(evaluation))
    if evaluation.chosen is None:
        return f"dense: {figures}"
    return f"{target_name(evaluation.champion.target)}: {figures}, against dense"


def listed(figures: Sequence[Tile]) -> str:
    """Figures in one line, each with how it compares."""
    return ", ".join(
        f"{tile.title} {tile.value}{f' ({tile.change})' if tile.change else ''}" for tile in figures
    )


def _shares(stages: Mapping[str, Spent], total: Spent) -> Iterator[str]:
    """Of the stages in their order, then of what lies between them."""
    for stage in sorted(stages, key=lambda name: name == ""):
        share = stages[stage].cpu_seconds / total.cpu_seconds if total.cpu_seconds else 0.0
        if share >= LEAST_SHARE:
            yield f"{stage or 'the rest'} {share:.0%}"
