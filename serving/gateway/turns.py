"""Whose turn it is: priorities, and a fair share for teams of equal priority."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import count

from serving.gateway.entries import Entry


@dataclass(frozen=True)
class Standing:
    """How much of the cluster the teams have.

    Attributes:
        live: jobs of each team that are with the cluster.
        last: when each team's last turn was, in seconds since 1970.
    """

    live: Mapping[str, int] = field(default_factory=dict)
    last: Mapping[str, float] = field(default_factory=dict)


def in_turn(
    waiting: Iterable[Entry],
    standing: Standing,
    now: float,
    rise_seconds: float,
    most: Mapping[str, int] | None = None,
) -> Iterator[Entry]:
    """The jobs that wait, in the order in which their turn comes if none ends meanwhile.

    The highest priority is first; one that waits rises by one every ``rise_seconds``. Among jobs
    of equal priority, those of the team that has fewest with the cluster are first, then those of
    the team whose last turn is longest ago. A team's own jobs of equal priority come in the order
    in which they were submitted.

    Args:
        waiting: jobs.
        standing: of the teams.
        now: seconds since 1970.
        rise_seconds: above 0.
        most: jobs of each team with the cluster; the others are left out. Any number where absent.
    """
    queues: dict[str, list[tuple[int, float, int, Entry]]] = defaultdict(list)
    for entry in waiting:
        risen = entry.priority + int((now - entry.submitted) / rise_seconds)
        queues[entry.team].append((-risen, entry.submitted, entry.id, entry))
    for queue in queues.values():
        queue.sort(reverse=True)
    live, last, turn = defaultdict(int, standing.live), dict(standing.last), count(int(now) + 1)
    while queues:
        team = min(
            queues,
            key=lambda name: (
                *(queues[name][-1][0], live[name], last.get(name, 0.0)),
                queues[name][-1][1:3],
            ),
        )
        if most is not None and live[team] >= most[team]:
            del queues[team]
            continue
        yield queues[team].pop()[-1]
        live[team] += 1
        last[team] = next(turn)
        if not queues[team]:
            del queues[team]
