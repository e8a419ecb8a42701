"""A job's description, from its first moment to its end."""

from __future__ import annotations

from pathlib import Path

import pytest

from search.ledger import Ledger
from search.reports import story
from search.reports.records import JobRecords
from secateur.records import (
    Account,
    Evaluation,
    PruningResult,
    Publication,
    SearchResult,
    Spent,
)
from secateur.spec import JobSpec, parse


@pytest.fixture
def ledger(spec: JobSpec, tmp_path: Path) -> Ledger:
    ledger = Ledger(tmp_path / "digits")
    with ledger.held(spec):
        return ledger


def told(ledger: Ledger, stopped: str | None = None) -> list[str]:
    return story.markdown(JobRecords.read(ledger), stopped).split("\n\n")


def test_before_anything_was_done(ledger: Ledger) -> None:
    tried, won, cost, gate, report = told(ledger)
    assert tried == (
        "**Tried:** networks of lenet on digits; one agent (ddpg) for each of FLOPs -50%, "
        "FLOPs -75%."
    )
    assert won == "**Won:** nothing yet."
    assert cost == "**Cost:** 0 CPU-hours, 0 GPU-hours, 0 h by the clock."
    assert gate == "**Gate:** not asked yet; it wants an accuracy drop of at most 2.00%."
    assert "report.html" in report


def test_after_the_search(ledger: Ledger, searched: SearchResult) -> None:
    ledger.write("search", SearchResult, searched)
    tried, won, *_ = told(ledger)
    assert tried.startswith("**Tried:** 3 networks (1 stopped early, 1 failed) of lenet on digits")
    assert won == "**Won:** so far lenet (width 2.0), dense, 99.00% on the validation split."


def test_at_the_end(
    ledger: Ledger,
    searched: SearchResult,
    pruned: tuple[PruningResult, ...],
    evaluation: Evaluation,
) -> None:
    ledger.write("search", SearchResult, searched)
    ledger.write("prune", tuple[PruningResult, ...], pruned)
    ledger.write("evaluate", Evaluation, evaluation)
    ledger.write("publish", Publication, Publication(name="digits", version="5"))
    # Two hours of CPU, three quarters of them in the search.
    spent = {"search": Spent(seconds=3600, cpu_seconds=5400), "": Spent(cpu_seconds=1800)}
    ledger.write("account", Account, Account(begun=2, stages=spent))
    _, won, cost, gate, _ = told(ledger)
    assert won.startswith("**Won:** lenet (width 2.0), FLOPs -50%: accuracy 97.50% (-0.50 points)")
    assert "FLOPs 500 (-50%), parameters 50 (-75%)" in won
    assert won.endswith("against dense.")
    assert cost == (
        "**Cost:** 2 CPU-hours, 0 GPU-hours, 1 h by the clock, begun 2 times; "
        "CPU: search 75%, the rest 25%."
    )
    assert gate == (
        "**Gate:** held (an accuracy drop of at most 2.00%): digits version 5 is champion."
    )


def test_the_gate_refused(ledger: Ledger) -> None:
    refused = Publication(name="digits", version=None, failures=("accuracy 1.00% is below",))
    ledger.write("publish", Publication, refused)
    gate = told(ledger)[3]
    assert gate.startswith("**Gate:** refused (")
    assert gate.endswith("digits is not published: accuracy 1.00% is below.")


def test_a_job_that_ended_early_says_why(ledger: Ledger) -> None:
    *_, last = told(ledger, "interrupted")
    assert last == ("**Stopped:** interrupted; `secateur run` with the same job goes on from here.")


def test_a_regression_that_was_not_pruned(tmp_path: Path, evaluation: Evaluation,
                                          searched: SearchResult) -> None:  # fmt: skip
    ledger = Ledger(tmp_path / "adder")
    with ledger.held(parse({"name": "adder", "data": {"kind": "arithmetic"}, "prune": None})):
        figures = evaluation.dense.figures.model_copy(update={"mse": 4.0, "mae": 1.5})
        dense = evaluation.dense.model_copy(update={"figures": figures})
        alone = Evaluation(dense=dense, compressed=(), chosen=None)
        ledger.write("search", SearchResult, searched)
        ledger.write("evaluate", Evaluation, alone)
    tried, won, *_ = told(ledger)
    assert tried.endswith("on arithmetic; nothing was pruned.")
    assert won.startswith("**Won:** lenet (width 2.0), dense: R² 98.00%")
