"""One holder of a job at a time, across machines, with nothing but a bucket between them."""

from __future__ import annotations

import json
import os
import random
import socket
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from secateur.errors import JobConflictError
from secateur.storage import objects

if TYPE_CHECKING:
    from pyarrow.fs import FileSystem

BEAT_S = 5.0
"""Between two signs of life of a holder."""

SILENCE_S = 30.0
"""A holder that gave no sign for so long, while it was watched, is gone."""

_TRIES = 5
_FOLDER = ".holders"


@dataclass
class Hold:
    """A claim on a job: an object of the holder's own, written anew with every sign of life.

    Whoever wants the job writes a claim and then reads all of them. If there is another, one of
    the two withdraws: of two at the same time at least the one that reads last sees both, where
    the server shows every object from the moment on that its writing has ended, as AWS, MinIO,
    Ceph and Garage do. No clock is compared with another machine's: a holder that died is one
    whose claim stays as it is while it is watched.

    Attributes:
        files: file system of the storage.
        base: path of the job there.
        tell: takes a line for people where a claim has to be watched.
        wait: sleeps for so many seconds.
    """

    files: FileSystem
    base: str
    tell: Callable[[str], None] = lambda _: None
    wait: Callable[[float], None] = time.sleep
    _id: str = field(default_factory=lambda: uuid4().hex)
    _beats: int = 0

    def acquire(self) -> None:
        """Hold the job, after a holder that is gone too.

        Raises:
            JobConflictError: another process holds it.
            OSError: the storage does not answer.
        """
        for _ in range(_TRIES):
            self._outlast()
            self.beat()
            if set(self._claims()) == {self._id}:
                return
            self.release()
            self.wait(random.uniform(0.1, 1))  # whoever else came now does the same
        raise self._refusal(self._claims())

    def beat(self) -> None:
        """Give a sign of life.

        Raises:
            OSError: the storage does not answer.
        """
        self._beats += 1
        claim = {
            "host": socket.gethostname(),
            "pid": os.getpid(),
            "place": _place(),
            "started": _started(os.getpid()),
            "beats": self._beats,
        }
        content = json.dumps(claim).encode()
        objects.write(self.files, self._path(self._id), content)

    def lost(self) -> bool:
        """Whether another process took the job for abandoned.

        Raises:
            OSError: the storage does not answer.
        """
        return self._id not in self._claims()

    def release(self) -> None:
        """Hold the job no more; harmless where it was lost.

        Raises:
            OSError: the storage does not answer.
        """
        objects.remove(self.files, self._path(self._id))

    def _outlast(self) -> None:
        """Wait for the end of claims whose holders are gone, and remove these.

        Raises:
            JobConflictError: one of them is alive.
        """
        watched = {name: claim for name, claim in self._claims().items() if name != self._id}
        elsewhere = {name: claim for name, claim in watched.items() if not _died_here(claim)}
        if elsewhere:
            self._watch(elsewhere)
        for name in watched:
            objects.remove(self.files, self._path(name))

    def _watch(self, claims: dict[str, dict[str, Any]]) -> None:
        if any(_alive_here(claim) for claim in claims.values()):
            raise self._refusal(claims)
        self.tell(f"held by {_who(claims)}; looking {SILENCE_S:.0f} s for a sign of life")
        for _ in range(round(SILENCE_S / BEAT_S)):
            self.wait(BEAT_S)
            now = self._claims()
            if any(now.get(name, claim) != claim for name, claim in claims.items()):
                raise self._refusal(claims)
            if not claims.keys() & now.keys():
                return

    def _claims(self) -> dict[str, dict[str, Any]]:
        from pyarrow.fs import FileType

        found = {}
        for entry in objects.listing(self.files, f"{self.base}/{_FOLDER}"):
            if entry.type == FileType.File and not entry.base_name.startswith("."):
                try:
                    found[entry.base_name] = json.loads(objects.read(self.files, entry.path))
                except FileNotFoundError:  # released a moment ago
                    continue
        return found

    def _path(self, name: str) -> str:
        return f"{self.base}/{_FOLDER}/{name}"

    def _refusal(self, claims: dict[str, dict[str, Any]]) -> JobConflictError:
        name = self.base.rpartition("/")[2]
        return JobConflictError(
            f"name: '{name}' is being run by {_who(claims)}; wait for it or choose another name"
        )


def _who(claims: dict[str, dict[str, Any]]) -> str:
    """The holders in words."""
    told = sorted(f"process {claim['pid']} on {claim['host']}" for claim in claims.values())
    return " and ".join(told) or "another process"


def _place() -> str:
    """Tells where process ids mean the same: this boot of this machine, or this container."""
    with open("/proc/sys/kernel/random/boot_id", encoding="ascii") as file:
        boot = file.read().strip()
    return f"{boot} {os.readlink('/proc/self/ns/pid')}"


def _died_here(claim: dict[str, Any]) -> bool:
    return claim["place"] == _place() and not _runs(claim)


def _alive_here(claim: dict[str, Any]) -> bool:
    return claim["place"] == _place() and _runs(claim)


def _runs(claim: dict[str, Any]) -> bool:
    """Whether the holder runs; another process may have got its number since.

    A container that is started again gets the numbers of before, its place among them.
    """
    try:
        os.kill(claim["pid"], 0)
    except ProcessLookupError:
        return False
    except PermissionError:  # another user's
        pass
    started = _started(claim["pid"])
    return started is None or claim.get("started") in (None, started)


def _started(pid: int) -> str | None:
    """When a process began, in ticks since the machine did; nothing where that is hidden."""
    try:
        with open(f"/proc/{pid}/stat", encoding="utf-8", errors="replace") as file:
            # Field 22 of proc(5); the name before the third may hold anything.
            return file.read().rpartition(")")[2].split()[19]
    except OSError:
        return None
