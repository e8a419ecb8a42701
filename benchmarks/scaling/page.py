"""Makes ``docs/scaling.md`` from the result files.

python -m benchmarks.scaling.page
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from statistics import median
from textwrap import wrap

from benchmarks.page import RESULTS, Result, measured_on, table
from benchmarks.scaling.model import Costs, most_workers, simulate, without
from benchmarks.scaling.trials import FOLDER
from benchmarks.scaling.work import Work
from search.snapshots import SHARE

PAGE = Path(__file__).parents[2] / "docs" / "scaling.md"
PREDICTED = (8, 16, 64, 128, 256, 512, 1000)
LENGTHS = (Work(30.0, 12), Work(300.0, 12), Work(1800.0, 60))
"""Trials that predictions are made for: of half a minute, five minutes and half an hour."""

_OFTEN = 10.0
"""Reports a second."""

Results = dict[str, Result]


def read(kind: str, folder: Path = FOLDER) -> Results:
    """Result files of a kind by name, those of fewer workers first."""
    files = sorted((folder / kind).glob("*.json"))
    found = {file.stem: json.loads(file.read_text(encoding="utf-8")) for file in files}
    return dict(sorted(found.items(), key=lambda one: one[1]["settings"]["workers"]))


def fitted(driver: Results, trials: Results) -> Costs:
    """Costs of the model: of the driver with most workers, and what Ray and the turns add.

    Ray's part is what the driver of real workers spends on a report beyond that of virtual ones;
    the delay is what a trial of the fewest real workers takes beyond its work and the driver.
    Both are nothing where no real ones were measured, Ray's part also where they report rarely:
    ten times a second the driver looks around, whether there is something to do or not.
    """
    alone = _of_driver(list(driver.values())[-1], SHARE)
    if not trials:
        return alone
    few = next(iter(trials.values()))
    work = Work(**few["settings"]["work"])
    ray = max(0.0, _spent(trials) - _spent(driver)) if _rate(trials) >= _OFTEN else 0.0
    report = alone.report + ray
    cycle = 1000 * work.seconds * (1 / few["rounds"][0]["steady"] - 1)
    delay = max(0.0, cycle - work.reports * (report + alone.tracking) - alone.turn)
    return replace(alone, report=report, delay=delay)


def _rate(results: Results) -> float:
    """Reports a second where they come fastest."""
    return max(_often(one) for one in results.values())


def _often(one: Result) -> float:
    first = one["rounds"][0]
    return float(first["reports"] / first["seconds"])


def _spent(results: Results) -> float:
    """Milliseconds of the driver a report where they come fastest, snapshots left out."""
    first = max(results.values(), key=_often)["rounds"][0]
    return float(first.get("all_ms", first["report_ms"]))


def page(folder: Path = FOLDER) -> str:
    """The whole page."""
    kinds = {kind: read(kind, folder) for kind in ("trials", "episodes", "before", "driver")}
    trials, episodes, before, driver = kinds.values()
    costs = fitted(driver, trials)
    lines = [
        "# Parallel work: what it costs and where it ends",
        "",
        "Made by `python -m benchmarks.scaling.page` from the files in",
        "`benchmarks/results/scaling`; no number here was typed. Trials and evaluations are a",
        "sleep and an allocation: everything but them is a job's own, and a machine of two cores",
        "can hold as many workers as are asked for.",
        "",
        *([*_measured_trials(trials), ""] if trials else []),
        *([*_measured_episodes(episodes), ""] if episodes else []),
        *_measured_driver(driver, before),
        "",
        *_predicted(costs, trials),
        "",
        *_limits(costs),
        "",
        *_left_out(),
        "",
        "## Measured on",
        "",
        *_machines(kinds),
    ]
    return "\n".join(lines) + "\n"


def _measured_trials(trials: Results) -> list[str]:
    return [
        "## Trials",
        "",
        "A search of `search.tuning` with every report in MLflow, a snapshot of its state a second",
        "and a checkpoint a trial (`benchmarks/scaling/trials.py`). Steady is the share of their",
        "time that workers worked from their first trial to their last; whole counts the start of",
        "their processes too. These load all that a trial does but torch, some two seconds of a",
        "processor each, and here they share two cores with whatever else the machine does (its",
        "load is told at the end): workers with cores of their own begin when the first does here.",
        "",
        *table(
            ["Workers", "Trials", "Seconds a trial", "Reports a trial", "Steady", "Whole",
             "First begins after", "Last begins after"],
            map(_trials_row, trials.values()),
        ),
    ]  # fmt: skip


def _trials_row(one: Result) -> list[str]:
    settings, rounds = one["settings"], one["rounds"]
    work = settings["work"]
    return [
        str(settings["workers"]),
        f"{rounds[0]['trials']:.0f}",
        f"{work['seconds']:g}",
        f"{work['reports']}",
        f"{median(turn['steady'] for turn in rounds):.1%}",
        f"{median(turn['whole'] for turn in rounds):.1%}",
        f"{median(turn['first_start_seconds'] for turn in rounds):.0f} s",
        f"{median(turn['start_seconds'] for turn in rounds):.0f} s",
    ]


def _measured_episodes(episodes: Results) -> list[str]:
    return [
        "## Pruning",
        "",
        "Agents of `agents.runner` whose evaluations sleep (`benchmarks/scaling/episodes.py`):",
        "several agents of one process each (random policies), and one DDPG agent with several",
        "runners, which learns between two rounds while they wait.",
        "",
        *table(
            ["", "Workers", "Episodes", "Seconds an evaluation", "Steady", "Whole",
             "Adds to an episode", "90 % from"],
            map(_episodes_row, episodes.values()),
        ),
    ]  # fmt: skip


def _episodes_row(one: Result) -> list[str]:
    settings, rounds = one["settings"], one["rounds"]
    seconds = settings["work"]["seconds"]
    added = median(turn["round_seconds"] for turn in rounds) - seconds
    return [
        settings["way"],
        str(settings["workers"]),
        f"{rounds[0]['episodes']:.0f}",
        f"{seconds:g}",
        f"{median(turn['steady'] for turn in rounds):.1%}",
        f"{median(turn['whole'] for turn in rounds):.1%}",
        f"{1000 * added:.0f} ms",
        # seconds / (seconds + added) = 0.9
        f"{9 * added:.1f} s",
    ]


def _measured_driver(driver: Results, before: Results) -> list[str]:
    return [
        "## The driver alone",
        "",
        *_wrapped(
            "The same driver with virtual workers, which cost nothing and wait as long as real "
            "ones work (`benchmarks/scaling/driver.py`); processor milliseconds, whatever else the "
            "machine did. A turn is the end of a trial and the begin of the next, the proposal of "
            "TPE included. The last column is the model's below, with trials of "
            f"{LENGTHS[0].seconds:g} s and without what Ray costs."
            f"{_BEFORE if before else ''}"
        ),
        "",
        *table(
            ["", "Workers", "Trials", "A report", "A turn", "Last snapshot",
             "Tracking beside it, a report", "Workers at 90 %"],
            [
                *(_driver_row("before", one, 1.0) for one in before.values()),
                *(_driver_row("now", one, SHARE) for one in driver.values()),
            ],
        ),
    ]  # fmt: skip


_BEFORE = (
    " Before, the driver wrote CSV and TensorBoard files of every trial, which nobody reads, and a "
    f"snapshot a second whatever it took, where now {SHARE:.0%} of the time is the most."
)


def _driver_row(name: str, one: Result, share: float) -> list[str]:
    first = one["rounds"][0]
    return [
        name,
        f"{one['settings']['workers']:,}",
        f"{first['trials']:,.0f}",
        f"{first['report_ms']:.2f} ms",
        f"{first['turn_mean_ms']:.1f} ms",
        f"{first['snapshot_last_ms']:.0f} ms",
        f"{first['background_ms']:.2f} ms",
        f"{most_workers(LENGTHS[0], _of_driver(one, share)):,}",
    ]


def _of_driver(one: Result, share: float) -> Costs:
    """What the driver of virtual workers cost."""
    first = one["rounds"][0]
    return Costs(
        report=first["report_ms"],
        tracking=first["background_ms"],
        turn=first["turn_ms"],
        turn_growth=first["turn_ms_a_trial"],
        snapshot=first["snapshot_ms"],
        snapshot_growth=first["snapshot_ms_a_trial"],
        delay=0.0,
        share=share,
    )


def _wrapped(text: str) -> list[str]:
    return wrap(
        text, 100, break_on_hyphens=False, subsequent_indent="  " if text.startswith("- ") else ""
    )


def _predicted(costs: Costs, trials: Results) -> list[str]:
    ray = "Ray included" if trials and _rate(trials) >= _OFTEN else "Ray left out"
    return [
        "## Up to 1,000 workers, by a model",
        "",
        *_wrapped(
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
    return [
        "What the model says of the searches above:",
        "",
        *table(
            ["Workers", "Seconds a trial", "Reports a trial", "Steady, measured", "by the model"],
            (_held_against(one, costs) for one in trials.values()),
        ),
    ]


def _held_against(one: Result, costs: Costs) -> list[str]:
    settings = one["settings"]
    work = Work(**settings["work"])
    said = simulate(settings["workers"], settings["trials_each"], work, costs).efficiency
    measured = median(turn["steady"] for turn in one["rounds"])
    return [
        str(settings["workers"]),
        f"{work.seconds:g}",
        str(work.reports),
        f"{measured:.1%}",
        f"{said:.1%}",
    ]


def _named(work: Work) -> str:
    return f"{work.seconds:g} s, {work.reports} reports"


def _outcome(workers: int, work: Work, costs: Costs) -> str:
    outcome = simulate(workers, 3, work, costs)
    return f"{outcome.efficiency:.1%} ({sum(outcome.spent.values()):.0%})"


def _limits(costs: Costs) -> list[str]:
    work = LENGTHS[0]
    spent = simulate(PREDICTED[-1], 3, work, costs).spent
    first = max(spent, key=spent.__getitem__)
    return [
        "## What breaks first",
        "",
        *_wrapped(
            f"With trials of {work.seconds:g} s the driver holds {most_workers(work, costs):,} "
            f"workers at 90 %. At {PREDICTED[-1]:,} it spends most of its time on one thing: "
            f"{_WORDS[first]} ({spent[first]:.0%}). What it could hold, were one cost nothing or "
            "work cut otherwise:"
        ),
        "",
        *table(["Change", "Workers at 90 %"], _changes(work, costs)),
    ]


def _left_out() -> list[str]:
    sent = json.loads((RESULTS / "many_runs" / "sqlite.json").read_text(encoding="utf-8"))
    reports = sent["settings"]["trials"] * sent["settings"]["epochs"]
    rate = reports / sent["filled"]["sent_seconds"]
    work = LENGTHS[0]
    workers = rate * work.seconds / work.reports
    return [
        "The model leaves out:",
        "",
        *_wrapped(
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


_WORDS = {
    "report": "reports",
    "tracking": "sending reports to MLflow",
    "turn": "turns from trial to trial",
    "snapshot": "snapshots of the state",
}


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


def _machines(kinds: dict[str, Results]) -> Iterator[str]:
    for kind, results in kinds.items():
        for name, one in results.items():
            yield f"- {kind} {name}, n = {len(one['rounds'])}: {measured_on(one['hardware'])}."


def main() -> None:
    PAGE.write_text(page(), encoding="utf-8")


if __name__ == "__main__":
    main()
