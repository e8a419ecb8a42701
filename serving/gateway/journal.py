"""The gateway's memory: every job, its place in the queue and the time it ran, in SQLite.

One process writes. Whatever a method has returned from is on the disk.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import fields
from pathlib import Path
from typing import Any, Self

from serving.gateway import journal_file
from serving.gateway.costs import Reserve
from serving.gateway.entries import Entry
from serving.jobs.records import ENDED, Phase

FILE = "journal.db"
_LIVE = "phase IN ('pending', 'running')"

_HOURS = """
SELECT COALESCE(SUM(cpus * hours), 0), COALESCE(SUM(gpus * hours), 0) FROM (
    SELECT cpus, gpus,
           MAX(0, MIN(COALESCE(ended, :now), :now) - MAX(started, :since)) / 3600 AS hours
    FROM spans WHERE {whose}
)
"""
_HOURS_OF_TEAM = _HOURS.format(whose="team = :team AND (ended IS NULL OR ended > :since)")
# By the key: a page of a team's jobs does not go through all that the team has ever run.
_HOURS_OF_JOB = _HOURS.format(whose="job = :job")

_COLUMNS = ", ".join(field.name for field in fields(Entry))


class Journal:
    """Jobs of all teams; safe to use from several threads.

    Args:
        folder: of the journal; made where it is not there.

    Raises:
        ServerStartError: another process writes it, or it is of another version.
    """

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._lock = threading.RLock()
        self._db = journal_file.open_alone(folder / FILE)

    def close(self) -> None:
        """Let another process open it."""
        with self._lock:
            self._db.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Nobody else reads or writes in here: for what is decided by what was read."""
        with self._lock:
            yield

    # Reading.

    def find(self, team: str, name: str) -> Entry | None:
        """A team's job by its name."""
        return next(iter(self._read("team = ? AND name = ?", (team, name))), None)

    def page(self, team: str, phase: Phase | None, count: int, before: int | None) -> list[Entry]:
        """At most ``count`` jobs of a team, the last submitted first, from an id downwards."""
        where = "team = ? AND (? IS NULL OR phase = ?) AND (? IS NULL OR id < ?)"
        values = (team, phase, phase, before, before, count)
        return self._read(f"{where} ORDER BY id DESC LIMIT ?", values)

    def waiting(self) -> list[Entry]:
        """Jobs whose turn has not come."""
        return self._read("phase = 'queued'")

    def live(self) -> list[Entry]:
        """Jobs that are with the cluster, or about to be."""
        return self._read(_LIVE)

    def counts(self) -> dict[tuple[str, Phase], int]:
        """How many jobs of each team are in each phase."""
        rows = self._rows("SELECT team, phase, COUNT(*) FROM jobs GROUP BY team, phase")
        return {(team, phase): count for team, phase, count in rows}

    def last_begun(self) -> dict[str, float]:
        """When the turn of a team's job had last come."""
        rows = self._rows("SELECT team, MAX(begun) FROM jobs WHERE begun > 0 GROUP BY team")
        return dict(rows)

    def hours(self, team: str, since: float, now: float) -> Reserve:
        """Hours that a team's jobs have used between two moments, in seconds since 1970."""
        (used,) = self._rows(_HOURS_OF_TEAM, {"team": team, "since": since, "now": now})
        return Reserve(*used)

    def hours_of(self, job: int, now: float) -> Reserve:
        """Hours that all turns of a job, by its id, have used up to a moment."""
        (used,) = self._rows(_HOURS_OF_JOB, {"job": job, "since": 0.0, "now": now})
        return Reserve(*used)

    # Writing; each is done whole or not at all.

    def add(self, **columns: Any) -> Entry:
        """Queue a job of a new name."""
        names = ", ".join(columns)
        marks = ", ".join("?" * len(columns))
        with self._lock, self._db:
            self._write(f"INSERT INTO jobs ({names}) VALUES ({marks})", tuple(columns.values()))
        entry = self.find(columns["team"], columns["name"])
        assert entry is not None
        return entry

    def change(self, entry: Entry, **columns: Any) -> bool:
        """Change a job, where it still is in the turn and phase in which it was read.

        The time that it runs is accounted for besides.

        Returns:
            Whether it was.
        """
        if not columns:
            return True
        settings = ", ".join(f"{name} = ?" for name in columns)
        values = (*columns.values(), entry.id, entry.turn, entry.phase)
        with self._lock, self._db:
            done = self._write(
                f"UPDATE jobs SET {settings} WHERE id = ? AND turn = ? AND phase = ?", values
            )
            if done and columns.keys() & {"started", "ended"}:
                self._account(entry, columns)
        return bool(done)

    def forget(self, before: float) -> int:
        """Drop jobs that ended before a moment, and the time that they ran.

        Args:
            before: seconds since 1970, not of the month whose hours are still counted.

        Returns:
            How many there were.
        """
        marks = ", ".join("?" * len(ENDED))
        with self._lock, self._db:
            done = self._write(
                f"DELETE FROM jobs WHERE phase IN ({marks}) AND ended < ?", (*ENDED, before)
            )
            if done:
                self._write("DELETE FROM spans WHERE job NOT IN (SELECT id FROM jobs)")
        return done

    def _account(self, entry: Entry, columns: Mapping[str, Any]) -> None:
        started = columns.get("started", entry.started)
        if started is None:
            return
        self._write(
            "INSERT INTO spans VALUES (?, ?, ?, ?, ?, ?, ?) "
            "ON CONFLICT DO UPDATE SET started = excluded.started, ended = excluded.ended",
            (
                *(entry.id, columns.get("turn", entry.turn), entry.team, entry.cpus, entry.gpus),
                *(started, columns.get("ended", entry.ended)),
            ),
        )

    def _write(self, statement: str, values: tuple[Any, ...] = ()) -> int:
        """How many rows it has changed."""
        return self._db.execute(statement, values).rowcount

    def _read(self, where: str, values: tuple[Any, ...] = ()) -> list[Entry]:
        rows = self._rows(f"SELECT {_COLUMNS} FROM jobs WHERE {where}", values)
        return [Entry(*row) for row in rows]

    def _rows(self, query: str, values: tuple[Any, ...] | dict[str, Any] = ()) -> list[Any]:
        with self._lock:
            return self._db.execute(query, values).fetchall()
