"""Hours of CPUs and GPUs that teams have in a month."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from secateur.records.base import Record
from serving.gateway.costs import Reserve
from serving.gateway.entries import Entry
from serving.gateway.journal import Journal
from serving.gateway.months import Month
from serving.gateway.spec import TeamSpec


class Budget(Record):
    """Hours of one kind in this month.

    Attributes:
        used: up to now, those of jobs that run included.
        given: for the month; any number where absent.
        left: of them, not below 0.
    """

    used: float
    given: float | None
    left: float | None

    @classmethod
    def of(cls, used: float, given: float | None) -> Budget:
        """What is left of what was given."""
        return cls(used=used, given=given, left=None if given is None else max(0.0, given - used))

    @property
    def spent(self) -> bool:
        """Whether nothing is left."""
        return self.left == 0


@dataclass(frozen=True)
class Account:
    """What a team has used and has left of a month.

    Attributes:
        cpu: hours of CPUs.
        gpu: hours of GPUs.
        month: they are of.
    """

    cpu: Budget
    gpu: Budget
    month: Month

    def lacks(self, reserve: Reserve) -> str:
        """Why a job that reserves so much may not run, in words; empty where it may."""
        for kind, budget, needed in (
            ("CPU", self.cpu, reserve.cpus),
            ("GPU", self.gpu, reserve.gpus),
        ):
            if needed and budget.spent:
                return (
                    f"0 of the team's {budget.given:g} {kind} hours are left; "
                    f"they renew on {self.month.renews} (UTC)"
                )
        return ""


@dataclass(frozen=True)
class Quotas:
    """The accounts of all teams.

    Args:
        journal: knows what was used.
        teams: what they are given.
        clock: seconds since 1970.
    """

    journal: Journal
    teams: Mapping[str, TeamSpec]
    clock: Callable[[], float]

    def account(self, team: str) -> Account:
        """Of a team, as it stands."""
        now = self.clock()
        month, given = Month.of(now), self.teams[team]
        used = self.journal.hours(team, month.start, now)
        return Account(
            Budget.of(used.cpus, given.cpu_hours), Budget.of(used.gpus, given.gpu_hours), month
        )

    def lacking(self, entries: Iterable[Entry]) -> dict[int, str]:
        """Why jobs may not run, by their ids; those that may are left out."""
        accounts: dict[str, Account] = {}
        reasons: dict[int, str] = {}
        for entry in entries:
            if entry.team not in self.teams:
                reasons[entry.id] = "the team is no longer in the gateway's settings"
                continue
            if entry.team not in accounts:
                accounts[entry.team] = self.account(entry.team)
            if lack := accounts[entry.team].lacks(entry.reserve):
                reasons[entry.id] = lack
        return reasons
