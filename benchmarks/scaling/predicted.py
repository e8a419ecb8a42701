"""What the model says of more workers than were measured: sections of ``docs/scaling.md``."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from textwrap import wrap

from benchmarks.page import RESULTS, Result, table
from benchmarks.scaling.columns import Columns, filled, half, reports, seconds, setting, work_of
from benchmarks.scaling.fit import Results, tells_ray
from benchmarks.scaling.model import Costs, most_workers, simulate, without
from benchmarks.scaling.work import Work

PREDICTED = (8, 16, 64, 128, 256, 512, 1000)
LENGTHS = (Work(30.0, 12), Work(300.0, 12), Work(1800.0, 60))
"""Trials that predictions are made for: of half a minute, five minutes and half an hour."""

_WORDS = {
    "report": "reports",
    "tracking": "sending reports to MLflow",
    "turn": "turns from trial to trial",
    "snapshot": "snapshots of the state",
}


def predicted(costs: Costs, trials: Results) -> list[str]:
    """A table of predictions, and the model held against what was measured."""
    ray = "Ray included" if tells_ray(trials) else "Ray left out"
    return [
        "## Up to 1,000 workers, by a model",
        "",
        *wrapped(
            "Workers and driver as a queue, event by event (`benchmarks/scaling/model.py`), with "
            f"the costs that were measured: a report {costs.report:.1f} ms ({ray}), sending it to "
            f"MLflow {costs.tracking:.1f} ms (as if the driver's threads took turns), a turn "
            f"{costs.turn:.0f} ms and {1000 * costs.turn_growth:.1f} µs for "
            f"every trial before, a snapshot {costs.snapshot:.0f} ms and "
            f"{1000 * costs.snapshot_growth:.0f} µs for every trial, {costs.delay:.0f} ms a trial "
            "that no processor works. Three trials a worker: efficiency, and in brackets the share "
            "of the time that the driver is busy."
        ),
        "",
        *table(
            ["Workers", *(_named(work) for work in LENGTHS)],
            (
                [str(workers), *(_outcome(workers, work, costs) for work in LENGTHS)]
                for workers in PREDICTED
            ),
        ),
        *(["", *_compared(costs, trials)] if trials else []),
    ]


def _compared(costs: Costs, trials: Results) -> list[str]:
    columns: Columns = {
        "Workers": setting("workers"),
        "Seconds a trial": seconds,
        "Reports a trial": reports,
        "Steady, measured": half("steady", "{:.1%}"),
        "by the model": lambda one: f"{_said(one, costs):.1%}",
    }
    return [
        "What the model says of the searches above, of which the first gave it the time of a trial",
        "that no processor works:",
        "",
        *filled(columns, trials),
    ]


def _said(one: Result, costs: Costs) -> float:
    settings = one["settings"]
    return simulate(settings["workers"], settings["trials_each"], work_of(one), costs).efficiency


def _named(work: Work) -> str:
    return f"{work.seconds:g} s, {work.reports} reports"


def _outcome(workers: int, work: Work, costs: Costs) -> str:
    outcome = simulate(workers, 3, work, costs)
    return f"{outcome.efficiency:.1%} ({sum(outcome.spent.values()):.0%})"


def limits(costs: Costs) -> list[str]:
    """What the driver spends most on, and what it could hold otherwise."""
    work = LENGTHS[0]
    spent = simulate(PREDICTED[-1], 3, work, costs).spent
    first = max(spent, key=spent.__getitem__)
    return [
        "## What breaks first",
        "",
        *wrapped(
            f"With trials of {work.seconds:g} s the driver holds {most_workers(work, costs):,} "
            f"workers at 90 %. At {PREDICTED[-1]:,} nothing takes as much of its time as "
            f"{_WORDS[first]} ({spent[first]:.0%}). What it could hold, were one cost nothing or "
            "work cut otherwise:"
        ),
        "",
        *table(["Change", "Workers at 90 %"], _changes(work, costs)),
    ]


def _changes(work: Work, costs: Costs) -> Iterator[list[str]]:
    for name, words in _WORDS.items():
        yield [f"{words} cost nothing", f"{most_workers(work, without(costs, name)):,}"]
    steady = replace(costs, share=1.0)
    yield ["a snapshot a second, whatever it takes", f"{most_workers(work, steady):,}"]
    few = replace(work, reports=3)
    yield ["3 reports a trial", f"{most_workers(few, costs):,}"]
    yield ["trials of five minutes", f"{most_workers(LENGTHS[1], costs):,}"]
    both = replace(LENGTHS[1], reports=3)
    yield ["both", f"{most_workers(both, costs):,}"]


def left_out() -> list[str]:
    """What limits a cluster that the model knows nothing of."""
    sent = json.loads((RESULTS / "many_runs" / "sqlite.json").read_text(encoding="utf-8"))
    reports = sent["settings"]["trials"] * sent["settings"]["epochs"]
    rate = reports / sent["filled"]["sent_seconds"]
    work = LENGTHS[0]
    workers = rate * work.seconds / work.reports
    return [
        "The model leaves out:",
        "",
        *wrapped(
            "- MLflow. Reports go to a journal at once, and on to the server in the background: on "
            f"SQLite {rate:.0f} reports a second (`benchmarks/many_runs.py`), what {workers:.0f} "
            f"workers report with trials of {work.seconds:g} s and {work.reports} reports. With "
            "more of them the UI lags behind, and the job waits at its end; "
            "[team-tracking.md](team-tracking.md) is the faster way."
        ),
        "- The start of processes, which is work for the machines of the workers.",
        "- The job's data, which Ray copies once to every node, and checkpoints, which workers",
        "  write to the job's folder: both are as fast as network and disk.",
        "- Ray's head with thousands of actors: no more than those above were at hand.",
    ]


def wrapped(text: str) -> list[str]:
    """Lines of a paragraph or of an item of a list."""
    indent = "  " if text.startswith("- ") else ""
    return wrap(text, 100, break_on_hyphens=False, subsequent_indent=indent)
