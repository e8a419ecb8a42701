"""A generative job in five lines: what was tried, what won, what it cost, what the gate said."""

from __future__ import annotations

from search.generation.records import GenerationRecords
from search.generation.results import tiles
from search.ledger import Ledger
from search.reports.amounts import percent
from search.reports.figures import target_name
from search.reports.lines import describe, publish_line
from search.reports.story import cost, listed, networks, paragraphs, played
from secateur.generator_gate import GeneratorGate
from secateur.records import Account


def told(ledger: Ledger, stopped: str | None = None) -> str:
    """A paragraph a line, as far as the job has come; MLflow shows it as a run's description.

    Args:
        ledger: of the job.
        stopped: why the job ended early, if it did.

    Raises:
        JobConflictError: there is no such job, or a record is not one of this version's.
    """
    job = GenerationRecords.read(ledger)
    texts = {
        "Tried": tried(job),
        "Won": won(job),
        "Cost": cost(job.account or Account()),
        "Gate": gate(job),
    }
    return paragraphs(texts, stopped)


def tried(job: GenerationRecords) -> str:
    """The search and the agents."""
    families = ", ".join(space.kind for space in job.spec.search.networks)
    return (
        f"{networks(job.searched)} of {families} on {job.spec.data.kind}; {played(job.spec.prune)}."
    )


def won(job: GenerationRecords) -> str:
    """The generator that is put forward, against the dense one."""
    if job.searched is None:
        return "nothing yet."
    network = describe(job.searched.best.architecture)
    if job.evaluation is None:
        distance = job.searched.likeness.distance
        return f"so far {network}, dense, at a distance of {distance:.3g} on the validation split."
    figures = listed(tiles(job.evaluation))
    if job.evaluation.chosen is None:
        return f"{network}, dense: {figures}."
    target = target_name(job.evaluation.champion.target)
    return f"{network}, {target}: {figures}, against dense."


def gate(job: GenerationRecords) -> str:
    """What was asked of the generator, and whether it held."""
    asked = bounds(job.spec.publish)
    if job.publication is None:
        return f"not asked yet; it wants {asked}."
    verdict = "refused" if job.publication.version is None else "held"
    return f"{verdict} ({asked}): {publish_line(job.publication)}."


def bounds(asked: GeneratorGate) -> str:
    """What a gate wants, in words."""
    told = [f"at most {asked.max_distance_ratio:g} times the dense distance"]
    if asked.max_distance is not None:
        told.append(f"a distance of at most {asked.max_distance:g}")
    if asked.min_flops_cut:
        told.append(f"at least {percent(asked.min_flops_cut)} of the FLOPs cut")
    if not asked.allow_collapsed:
        told.append("images as varied as real ones")
    return ", ".join(told)
