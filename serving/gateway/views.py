"""How a team's jobs stand, and what it uses."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable
from typing import Final

from serving.errors import UnknownJobError
from serving.gateway.answers import Job, JobList, Usage
from serving.gateway.entries import Entry
from serving.gateway.journal import Journal
from serving.gateway.members import Member
from serving.gateway.quotas import Quotas
from serving.gateway.spec import GatewaySpec
from serving.gateway.turns import Standing, in_turn
from serving.jobs.records import Phase

PAGE: Final = 100
_HOUR_S = 3600.0


class Views:
    """Reads the journal for teams: each sees its own jobs, those of others are not there.

    Args:
        journal: of all jobs.
        spec: of the gateway.
        clock: seconds since 1970.
    """

    def __init__(
        self, journal: Journal, spec: GatewaySpec, clock: Callable[[], float] = time.time
    ) -> None:
        self._journal, self._spec, self._clock = journal, spec, clock
        self._quotas = Quotas(journal, spec.teams, clock)

    def entry(self, member: Member, name: str) -> Entry:
        """What the journal knows of a job.

        Raises:
            UnknownJobError: the team has no such job.
        """
        entry = self._journal.find(member.team, name)
        if entry is None:
            raise UnknownJobError(f"'{name}' is no job of team '{member.team}'")
        return entry

    def find(self, member: Member, name: str) -> Job:
        """How a job stands; raises as ``entry``."""
        return self.told(self.entry(member, name))

    def fresh(self, entry: Entry) -> Job:
        """How a job stands by now."""
        found = self._journal.find(entry.team, entry.name)
        assert found is not None
        return self.told(found)

    def jobs(
        self,
        member: Member,
        phase: Phase | None = None,
        count: int = PAGE,
        before: int | None = None,
    ) -> JobList:
        """Jobs of the team, the last submitted first.

        Args:
            member: who asks.
            phase: that they are in; any where absent.
            count: at most, above 0.
            before: ``next`` of the answer that these follow.
        """
        found = self._journal.page(member.team, phase, count + 1, before)
        more, found = found[count:], found[:count]
        places = self._places() if any(entry.phase == "queued" for entry in found) else {}
        return JobList(
            jobs=tuple(self.told(entry, places) for entry in found),
            next=found[-1].id if more else None,
        )

    def usage(self, member: Member) -> Usage:
        """What the team uses, and what it may."""
        team, account = self._spec.teams[member.team], self._quotas.account(member.team)
        counts: Counter[Phase] = Counter()
        for (owner, phase), count in self._journal.counts().items():
            counts[phase] += count if owner == member.team else 0
        return Usage(
            team=member.team,
            running=counts["pending"] + counts["running"],
            jobs_at_once=team.jobs_at_once,
            waiting=counts["queued"],
            waiting_most=team.waiting,
            priority_max=team.priority_max,
            cpu_hours=account.cpu,
            gpu_hours=account.gpu,
            renews=account.month.renews,
        )

    def told(self, entry: Entry, places: dict[int, int] | None = None) -> Job:
        """How a job stands.

        Args:
            entry: of the job.
            places: in the queue, by ids; looked for where absent.
        """
        if places is None:
            places = self._places() if entry.phase == "queued" else {}
        used = self._journal.hours_of(entry.id, self._clock())
        return Job.of(entry, places.get(entry.id), used.cpus, used.gpus)

    def _places(self) -> dict[int, int]:
        live = Counter(entry.team for entry in self._journal.live())
        order = in_turn(
            self._journal.waiting(),
            Standing(live, self._journal.last_begun()),
            self._clock(),
            self._spec.rise_hours * _HOUR_S,
        )
        return {entry.id: place for place, entry in enumerate(order, start=1)}
