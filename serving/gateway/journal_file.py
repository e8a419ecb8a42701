"""The file of the gateway's journal: what is in it, and that one process alone has it open."""

from __future__ import annotations

import sqlite3
from pathlib import Path

from serving.errors import ServerStartError

_VERSION = 1
_PATIENCE_S = 30.0

_SCHEMA = """
CREATE TABLE jobs (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    team TEXT NOT NULL,
    name TEXT NOT NULL,
    client TEXT NOT NULL,
    digest TEXT NOT NULL,
    submission TEXT NOT NULL,
    metadata TEXT NOT NULL,
    priority INTEGER NOT NULL,
    cpus REAL NOT NULL,
    gpus REAL NOT NULL,
    turn INTEGER NOT NULL DEFAULT 1,
    phase TEXT NOT NULL DEFAULT 'queued',
    placed INTEGER NOT NULL DEFAULT 0,
    stop TEXT NOT NULL DEFAULT '',
    attempt INTEGER NOT NULL DEFAULT 0,
    message TEXT NOT NULL DEFAULT '',
    exit_code INTEGER,
    submitted REAL NOT NULL,
    begun REAL,
    started REAL,
    ended REAL,
    UNIQUE (team, name)
);
CREATE INDEX jobs_by_phase ON jobs (phase);
CREATE TABLE spans (
    job INTEGER NOT NULL,
    turn INTEGER NOT NULL,
    team TEXT NOT NULL,
    cpus REAL NOT NULL,
    gpus REAL NOT NULL,
    started REAL NOT NULL,
    ended REAL,
    PRIMARY KEY (job, turn)
);
CREATE INDEX spans_by_team ON spans (team, ended);
"""


def open_alone(path: Path) -> sqlite3.Connection:
    """Open the journal, or begin one, so that no other process can.

    Args:
        path: of the file.

    Raises:
        ServerStartError: another process has it open, it cannot be written, or it is none of
            this version.
    """
    try:
        db = sqlite3.connect(path, timeout=_PATIENCE_S, check_same_thread=False)
    except sqlite3.OperationalError as error:
        raise ServerStartError(f"{path}: {error}; expected a file to write") from None
    try:
        _prepare(db, path)
    except BaseException:
        db.close()
        raise
    return db


def _prepare(db: sqlite3.Connection, path: Path) -> None:
    try:
        # Before the first read: no second process can open it, and WAL needs no shared
        # memory, which a network's file system may not have.
        db.execute("PRAGMA locking_mode = EXCLUSIVE")
        db.execute("PRAGMA journal_mode = WAL")
        db.execute("PRAGMA synchronous = FULL")
        (version,) = db.execute("PRAGMA user_version").fetchone()
        if version == 0:
            db.executescript(
                f"BEGIN IMMEDIATE; {_SCHEMA} PRAGMA user_version = {_VERSION}; COMMIT;"
            )
        else:
            db.execute("BEGIN IMMEDIATE")
            db.commit()
    except sqlite3.OperationalError as error:
        raise ServerStartError(f"{path}: {error}; expected one gateway a folder") from None
    except sqlite3.DatabaseError as error:
        raise ServerStartError(f"{path}: {error}; expected a journal") from None
    if version not in {0, _VERSION}:
        raise ServerStartError(f"{path}: of version {version}; this Sécateur reads {_VERSION}")
