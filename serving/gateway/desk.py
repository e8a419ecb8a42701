"""What a team may do with its jobs, decided by the journal alone."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

from secateur.errors import JobConflictError, SpecError
from secateur.roots import Roots
from secateur.spec import AnySpec
from serving.errors import BadRequestError, ConflictError, QuotaError
from serving.gateway.answers import Job
from serving.gateway.confine import submission
from serving.gateway.costs import Reserve, reserved
from serving.gateway.entries import Entry
from serving.gateway.journal import Journal
from serving.gateway.members import Member
from serving.gateway.quotas import Quotas
from serving.gateway.spec import GatewaySpec
from serving.gateway.views import Views
from serving.jobs.attempts import next_attempt
from serving.jobs.records import Submission, identity, read

_FULL_S = 60
"""After which a queue that is full may have room again."""


class Desk:
    """Takes jobs of teams into the queue, and out of it.

    Safe to use from several threads; nothing here asks the cluster, so that answers come however
    it is.

    Args:
        journal: of all jobs.
        views: how they stand.
        spec: of the gateway.
        roots: folders that a spec may name paths in.
        changed: is told that there is something to do.
        clock: seconds since 1970.
    """

    def __init__(
        self,
        journal: Journal,
        views: Views,
        spec: GatewaySpec,
        roots: Roots,
        changed: Callable[[], None] = lambda: None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._journal, self._views, self._spec, self._roots = journal, views, spec, roots
        self._changed, self._clock = changed, clock
        self._quotas = Quotas(journal, spec.teams, clock)

    def submit(
        self,
        member: Member,
        text: str,
        *,
        priority: int = 0,
        restart: bool = False,
        metadata: Mapping[str, str] = MappingProxyType({}),
    ) -> tuple[Job, bool]:
        """Queue a job, or go on with it.

        The same job again queues nothing while it waits, runs or has succeeded, and another
        attempt where it failed or was stopped.

        Args:
            member: who asks.
            text: the spec, as YAML.
            priority: higher ones begin first.
            restart: discard what the job has done, and take any spec.
            metadata: to be found again with the job.

        Returns:
            The job, and whether it was queued.

        Raises:
            BadRequestError: no sound job, or one that the team may not ask for.
            ConflictError: the name is taken by another spec, or the job to restart goes on.
            QuotaError: the team's hours are used, or too many of its jobs wait.
        """
        try:
            spec = read(text, "spec")
            self._roots.check(spec)
            handed = submission(spec, member.team)
        except SpecError as error:
            raise BadRequestError(str(error)) from None
        need = self._held_to(member.team, spec, priority)
        asked = handed.model_copy(
            update={"name": spec.name, "digest": identity(spec), "restart": restart}
        )
        said = {
            "digest": asked.digest,
            "metadata": json.dumps(dict(metadata)),
            "priority": priority,
            "cpus": need.cpus,
            "gpus": need.gpus,
        }
        with self._journal.alone():
            entry = self._journal.find(member.team, spec.name)
            if not _is_next(asked, None if entry is None else self._views.told(entry)):
                assert entry is not None
                return self._views.told(entry), False
            self._check_room(member.team, need)
            if entry is None:
                return self._queue(member, handed, name=spec.name, **said), True
            return self._again(entry, handed, restart=restart, **said), True

    def resume(self, member: Member, name: str) -> tuple[Job, bool]:
        """Queue a job again that failed or was stopped, as it was last submitted.

        Returns:
            The job, and whether it was queued.

        Raises:
            UnknownJobError: the team has no such job.
            QuotaError: as ``submit``.
        """
        with self._journal.alone():
            entry = self._views.entry(member, name)
            if entry.phase not in {"failed", "stopped"}:
                return self._views.told(entry), False
            handed = Submission.from_json(entry.submission)
            self._check_room(member.team, entry.reserve)
            return self._again(entry, handed, restart=False), True

    def stop(self, member: Member, name: str) -> Job:
        """Take a job out of the queue, or have it stopped; it can be resumed.

        Raises:
            UnknownJobError: the team has no such job.
        """
        reason = f"stopped by {member.person}"
        with self._journal.alone():
            entry = self._views.entry(member, name)
            if entry.phase == "queued":
                self._journal.change(entry, phase="stopped", message=reason, ended=self._clock())
            elif not entry.over:
                # Without the message that says so, the cluster is told again.
                self._journal.change(entry, stop=entry.stop or reason, message="")
            self._changed()
            return self._views.fresh(entry)

    def _held_to(self, name: str, spec: AnySpec, priority: int) -> Reserve:
        """What a job reserves, where the team may ask for that and for the priority."""
        team = self._spec.teams[name]
        if not 0 <= priority <= team.priority_max:
            raise BadRequestError(
                f"priority: {priority} is not usable; expected 0 to {team.priority_max}"
            )
        need = reserved(spec)
        for kind, asked, most in (
            ("CPUs", need.cpus, team.job_cpus),
            ("GPUs", need.gpus, team.job_gpus),
        ):
            if most is not None and asked > most:
                raise BadRequestError(
                    f"the job reserves {asked:g} {kind}; a job of this team may have {most:g}"
                )
        return need.up_to(self._spec.cpus, self._spec.gpus)

    def _queue(self, member: Member, handed: Submission, **columns: Any) -> Job:
        """Queue a job of a new name."""
        entry = self._journal.add(
            team=member.team,
            client=member.person,
            submission=handed.model_dump_json(),
            submitted=self._clock(),
            **columns,
        )
        self._changed()
        return self._views.told(entry)

    def _again(self, entry: Entry, handed: Submission, *, restart: bool, **columns: Any) -> Job:
        """Queue another turn of a job that has ended."""
        # A restart that has not come to the cluster yet is still to be done.
        undone = not entry.placed and Submission.from_json(entry.submission).restart
        handed = handed.model_copy(update={"restart": restart or undone})
        fresh: dict[str, Any] = dict.fromkeys(("exit_code", "begun", "started", "ended"))
        self._journal.change(
            entry,
            **fresh | columns,
            turn=entry.turn + 1,
            phase="queued",
            placed=False,
            stop="",
            attempt=entry.attempt + entry.placed,
            message="",
            submission=handed.model_dump_json(),
            submitted=self._clock(),
        )
        self._changed()
        return self._views.fresh(entry)

    def _check_room(self, team: str, need: Reserve) -> None:
        account = self._quotas.account(team)
        if lack := account.lacks(need):
            raise QuotaError(lack, int(account.month.end - self._clock()) + 1)
        most = self._spec.teams[team].waiting
        if self._journal.counts().get((team, "queued"), 0) >= most:
            raise QuotaError(f"{most} jobs of the team wait already", _FULL_S)


def _is_next(asked: Submission, job: Job | None) -> bool:
    """Whether a submission begins an attempt.

    Raises:
        ConflictError: it may not.
    """
    try:
        return next_attempt(asked, job) is not None
    except JobConflictError as error:
        raise ConflictError(str(error)) from None
