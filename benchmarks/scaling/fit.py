"""Costs of the model from the result files."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

from benchmarks.page import Result
from benchmarks.scaling.measuring import FOLDER
from benchmarks.scaling.model import Costs
from benchmarks.scaling.work import Work
from search.snapshots import SHARE

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
    alone = of_driver(list(driver.values())[-1], SHARE)
    if not trials:
        return alone
    few = next(iter(trials.values()))
    work = Work(**few["settings"]["work"])
    ray = max(0.0, _spent(trials) - _spent(driver)) if tells_ray(trials) else 0.0
    report = alone.report + ray
    cycle = 1000 * work.seconds * (1 / few["rounds"][0]["steady"] - 1)
    delay = max(0.0, cycle - work.reports * (report + alone.tracking) - alone.turn)
    return replace(alone, report=report, delay=delay)


def of_driver(one: Result, share: float) -> Costs:
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


def tells_ray(trials: Results) -> bool:
    """Whether real workers reported often enough to tell what Ray adds to a report."""
    return bool(trials) and _often(_busiest(trials)) >= _OFTEN


def _busiest(results: Results) -> Result:
    """Where reports come fastest."""
    return max(results.values(), key=_often)


def _often(one: Result) -> float:
    first = one["rounds"][0]
    return float(first["reports"] / first["seconds"])


def _spent(results: Results) -> float:
    """Milliseconds of the driver a report where they come fastest, snapshots left out."""
    first = _busiest(results)["rounds"][0]
    return float(first.get("all_ms", first["report_ms"]))
