"""A job in five lines: what was tried, what won, what it cost, what the gate said, what to read."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from search.reports.figures import target_name, tiles
from search.reports.lines import describe, publish_line
from search.reports.records import JobRecords
from secateur.gate import Gate
from secateur.records import Account, Evaluation, SearchResult, Spent

LEAST_SHARE = 0.005
"""Stages that take less than this share of a job's CPU time are not told of."""


def markdown(job: JobRecords, stopped: str | None = None) -> str:
    """A paragraph a line, as far as the job has come; MLflow shows it as a run's description.

    Args:
        job: what the stages have left.
        stopped: why the job ended early, if it did.
    """
    told = {
        "Tried": tried(job),
        "Won": won(job),
        "Cost": cost(job.account or Account()),
        "Gate": gate(job),
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
    text = f"{_networks(job.searched)} of {families} on {spec.data.kind}"
    if spec.prune is None:
        return f"{text}; nothing was pruned."
    targets = ", ".join(target_name(target) for target in spec.prune.targets)
    agents = "one agent" if spec.prune.seeds == 1 else f"{spec.prune.seeds} agents"
    return f"{text}; {agents} ({spec.prune.agent.kind}) for each of {targets}."


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
    wall, cpu, gpu = account.total.hours
    text = f"{cpu:.2g} CPU-hours, {gpu:.2g} GPU-hours, {wall:.2g} h by the clock"
    if account.begun > 1:
        text += f", begun {account.begun} times"
    shares = ", ".join(_shares(account.stages, account.total))
    return f"{text}; CPU: {shares}." if shares else f"{text}."


def gate(job: JobRecords) -> str:
    """What was asked of the network, and whether it held."""
    asked = bounds(job.spec.publish)
    if job.publication is None:
        return f"not asked yet; it wants {asked}."
    verdict = "refused" if job.publication.version is None else "held"
    return f"{verdict} ({asked}): {publish_line(job.publication)}."


def bounds(asked: Gate) -> str:
    """What a gate wants, in words."""
    told = [f"an accuracy drop of at most {asked.max_accuracy_drop:.2%}"]
    if asked.min_accuracy:
        told.append(f"an accuracy of at least {asked.min_accuracy:.2%}")
    if asked.min_flops_cut:
        told.append(f"at least {asked.min_flops_cut:.0%} of the FLOPs cut")
    return ", ".join(told)


def _networks(searched: SearchResult | None) -> str:
    if searched is None:
        return "networks"
    ends = {"stopped early": searched.count("stopped"), "failed": searched.count("failed")}
    early = ", ".join(f"{count} {end}" for end, count in ends.items() if count)
    return f"{len(searched.trials):,} networks{f' ({early})' if early else ''}"


def _measured(evaluation: Evaluation) -> str:
    figures = ", ".join(
        f"{tile.title} {tile.value}{f' ({tile.change})' if tile.change else ''}"
        for tile in tiles(evaluation)
    )
    if evaluation.chosen is None:
        return f"dense: {figures}"
    return f"{target_name(evaluation.champion.target)}: {figures}, against dense"


def _shares(stages: Mapping[str, Spent], total: Spent) -> Iterator[str]:
    """Of the stages in their order, then of what lies between them."""
    for stage in sorted(stages, key=lambda name: name == ""):
        share = stages[stage].cpu_seconds / total.cpu_seconds if total.cpu_seconds else 0.0
        if share >= LEAST_SHARE:
            yield f"{stage or 'the rest'} {share:.0%}"
