"""A search on many workers as a queue: every worker works, then waits for the one driver.

The driver serves one event after the other: a report, a turn from one trial to the next, and now
and then a snapshot of the state, which grows with the trials.  A worker whose report waits stands
still, since Tune hands on one report at a time.  Costs are those that were measured.
"""

from __future__ import annotations

import heapq
from dataclasses import dataclass, replace

from benchmarks.scaling.work import Work

_MS = 1e-3


@dataclass(frozen=True)
class Costs:
    """What the driver spends, in processor milliseconds, and how long the rest takes.

    Attributes:
        report: on a report.
        tracking: on sending it meanwhile, as if the driver's threads took turns.
        turn: on the end of a trial and the begin of the next.
        turn_growth: the same for every trial before, since samplers look at all of them.
        snapshot: on a snapshot of the state.
        snapshot_growth: the same for every trial before.
        delay: that a trial takes beyond its work and the driver, in milliseconds.
        period: seconds from one snapshot to the next, at least.
        share: of the time, that snapshots may take at most; 1 sets no bound.
    """

    report: float
    tracking: float
    turn: float
    turn_growth: float
    snapshot: float
    snapshot_growth: float
    delay: float
    period: float = 1.0
    share: float = 1.0


@dataclass(frozen=True)
class Outcome:
    """What became of a search.

    Attributes:
        efficiency: share of the workers' time that they worked.
        seconds: from the first begin of a trial to the last end.
        spent: shares of the driver's time by what it did; what is left to 1 it was idle.
    """

    efficiency: float
    seconds: float
    spent: dict[str, float]


def simulate(workers: int, each: int, work: Work, costs: Costs) -> Outcome:
    """Play a search of ``each`` trials a worker, event by event."""
    part, delay = work.seconds / work.reports, costs.delay * _MS
    spent = dict.fromkeys(("report", "tracking", "turn", "snapshot"), 0.0)
    # (due, worker, reports to come of this trial, trials to come).  Workers begin one after the
    # other, as they do where the driver starts them.
    due = [
        (part + worker * costs.turn * _MS, worker, work.reports, each) for worker in range(workers)
    ]
    heapq.heapify(due)
    clock = saved = 0.0
    begun = workers
    while due:
        at, worker, reports, trials = heapq.heappop(due)
        clock = max(clock, at)
        if clock - saved >= costs.period:
            snapshot = (costs.snapshot + costs.snapshot_growth * begun) * _MS
            # Where snapshots may take a share at most, the next one waits for longer.
            wait = max(costs.period, snapshot * (1 / costs.share - 1))
            if clock - saved >= wait:
                clock += snapshot
                spent["snapshot"] += snapshot
                saved = clock
        clock += (costs.report + costs.tracking) * _MS
        spent["report"] += costs.report * _MS
        spent["tracking"] += costs.tracking * _MS
        reports, pause = reports - 1, 0.0
        if not reports:
            turn = (costs.turn + costs.turn_growth * begun) * _MS
            clock += turn
            spent["turn"] += turn
            reports, trials, begun, pause = work.reports, trials - 1, begun + 1, delay
        if trials:
            heapq.heappush(due, (clock + pause + part, worker, reports, trials))
    efficiency = each * work.seconds / clock
    return Outcome(efficiency, clock, {name: used / clock for name, used in spent.items()})


def most_workers(work: Work, costs: Costs, each: int = 3, least: float = 0.9) -> int:
    """Workers up to which a search keeps an efficiency, by halving."""
    low, high = 1, 2
    while high < 2**13 and simulate(high, each, work, costs).efficiency >= least:
        low, high = high, 2 * high
    while high - low > max(1, low // 50):
        middle = (low + high) // 2
        if simulate(middle, each, work, costs).efficiency >= least:
            low = middle
        else:
            high = middle
    return low


def without(costs: Costs, name: str) -> Costs:
    """The same costs but one, and its growth."""
    growth = {f"{name}_growth": 0.0} if name in {"turn", "snapshot"} else {}
    return replace(costs, **{name: 0.0, **growth})
