"""What a published version says of itself: what it can, where it comes from, what it held."""

from __future__ import annotations

import json
from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from search.evaluate import graph_input
from search.ledger import Ledger
from search.reports import story
from search.reports.records import JobRecords, Records
from secateur import manifest
from secateur.data import Dataset
from secateur.records import (
    AnyFigures,
    Evaluation,
    GenerativeEvaluation,
    Provenance,
    PruningResult,
)
from secateur.tracking import names
from secateur.tracking.card import Card


def card(ledger: Ledger, data: Dataset, *, job: str, trained: str) -> Card:
    """The card of the network that a job puts forward.

    Args:
        ledger: of the job, which has come to its evaluation.
        data: of the job.
        job: id of the job's run.
        trained: id of the run of the trial that trained the dense network.
    """
    records = JobRecords.read(ledger)
    assert records.evaluation is not None
    figures = figures_of(records.evaluation)
    return Card(
        tags=lineage(records, data, trained) | written(figures),
        description=_description(records, data),
        figures=figures,
        example=_example(data),
        job=job,
    )


def figures_of(evaluation: Evaluation) -> dict[str, float]:
    """The champion's figures in the vocabulary of the tracker, and those of the dense network."""
    figures, dense = evaluation.champion.figures, evaluation.dense.figures
    found = against(figures, dense)
    if evaluation.int8 is not None and not evaluation.int8.failures:
        found[names.INT8_TEST_ACCURACY] = evaluation.int8.figures.accuracy
    return found


def against(figures: AnyFigures, dense: AnyFigures) -> dict[str, float]:
    """A network's figures in the vocabulary of the tracker, and those of the dense network."""
    found = names.measured(figures) | names.of_dense(names.measured(dense))
    return found | {names.FLOPS_CUT: 1 - figures.flops / dense.flops}


def lineage(job: Records, data: Dataset, trained: str) -> dict[str, str]:
    """Where the network comes from that a job of any kind puts forward, as tags.

    Args:
        job: has come to its evaluation.
        data: of the job.
        trained: id of the run of the trial that trained the dense network.
    """
    assert job.evaluation is not None
    return {
        names.JOB: job.spec.name,
        names.TARGET: f"{job.evaluation.champion.target:g}",
        names.DATA: data.name,
        names.DATA_DIGEST: data.digest,
        names.SPLIT_DIGEST: data.split_digest,
        names.SPEC_DIGEST: job.spec.digest,
        names.PARENT_RUN: trained,
        **_commit(job.provenance),
        **_descent(job, job.evaluation),
    }


def written(figures: Mapping[str, float]) -> dict[str, str]:
    """Figures as tags: counts to the last digit."""
    return {
        name: str(value) if isinstance(value, int) else f"{value:.6g}"
        for name, value in figures.items()
    }


def _descent(job: Records, evaluation: Evaluation | GenerativeEvaluation) -> dict[str, str]:
    """The dense network that a compressed one was cut from, and how it was cut."""
    if evaluation.chosen is None:
        return {}
    parent, target = evaluation.dense.artifact, evaluation.champion.target
    (pruned,) = (result for result in job.pruned or () if result.target == target)
    return {
        names.PARENT_ARTIFACT: parent,
        names.PARENT_DIGEST: manifest.digest(job.folder / parent / manifest.MANIFEST),
        names.POLICY: json.dumps(_policy(pruned)),
    }


def _policy(pruned: PruningResult) -> dict[str, dict[str, int]]:
    """Channels by group: those that are kept, and those that there were."""
    widths = zip(pruned.groups, pruned.widths, pruned.dense_widths, strict=True)
    return {group: {"kept": kept, "of": dense} for group, kept, dense in widths}


def _commit(made: Provenance | None) -> dict[str, str]:
    if made is None or made.commit is None:
        return {}
    return {names.COMMIT: made.commit.id, names.DIRTY: json.dumps(made.commit.dirty)}


def _description(records: JobRecords, data: Dataset) -> str:
    shape = ", ".join(map(str, data.input_shape))
    inputs = "pixels in [0, 1]" if records.spec.data.task == "classification" else "numbers"
    bounds = story.bounds(records.spec)
    return (
        f"{story.won(records)}\n\n"
        f"From the job `{records.spec.name}` on {data.name}, with a gate that wants {bounds}.\n\n"
        f"Takes `{manifest.GRAPH_INPUT}`, float32 (n, {shape}), {inputs}; normalisation is inside."
    )


def _example(data: Dataset) -> NDArray[np.float32]:
    """The first test image, as the graph takes it."""
    return graph_input(data.test.take(slice(1)))
