"""A job that runs in a process of its own, watched by what it records."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import yaml

_LONGEST_S = 600.0


def until(condition: Callable[[], object], within: float, what: str) -> None:
    """Wait for what other processes do.

    Raises:
        AssertionError: it did not come in time, in seconds.
    """
    end = time.monotonic() + within
    while not condition():
        assert time.monotonic() < end, f"{what}: not within {within:g} s"
        time.sleep(0.02)


class Job:
    """``secateur run`` on a cluster, from its head unless it is told otherwise.

    Attributes:
        name: of the job.
        driver: the process.
    """

    def __init__(self, home: Path, spec: Mapping[str, Any], start: Callable[..., Any]) -> None:
        self.name, self._home = str(spec["name"]), home
        self._spec, self._log = home / f"{self.name}.yaml", home / f"{self.name}.log"
        self._spec.write_text(yaml.safe_dump(dict(spec)))
        self._start = start
        self.begin()

    def begin(self) -> None:
        """Run it, or go on with it."""
        with self._log.open("ab") as log:
            self.driver: subprocess.Popen[bytes] = self._start(self._spec, log)

    @property
    def ended(self) -> bool:
        """Whether its driver runs no more."""
        return self.driver.poll() is not None

    @property
    def said(self) -> str:
        """All that it has printed."""
        return self._log.read_text()

    @property
    def said_last(self) -> str:
        """What it has printed since it was begun the last time."""
        return self.said.rpartition(f"{self.name} runs on ")[2]

    def steps(self, stage: str) -> int:
        """Operations that the driver has recorded of runs of a stage."""
        folder = self._home / self.name / "tracking"
        if not (folder / "operations.jsonl").exists():
            return 0
        journal = (folder / "operations.jsonl").read_bytes()
        return journal.count(f'"run":"{stage}/'.encode())

    @property
    def attempts(self) -> dict[Path, str]:
        """What is told of attempts: all that it has said, and the names that agents keep."""
        kept = (self._home / self.name).glob("agents/*/attempt")
        return {self._log: self.said} | {file: file.read_text() for file in kept}

    def tried_again(self, before: Mapping[Path, str]) -> bool:
        """Whether a trial or an agent was, since these were its ``attempts``."""
        after, word = self.attempts, "is tried again"
        lines = before[self._log].count(word), after[self._log].count(word)
        agents = before.keys() - {self._log}
        return lines[0] != lines[1] or any(before[file] != after[file] for file in agents)

    def reaches(self, stage: str, steps: int, meanwhile: Callable[[], None] = lambda: None) -> None:
        """Wait until so many operations of a stage are recorded, or it has ended before.

        Something is done meanwhile.
        """
        self._until(lambda: self.steps(stage) >= steps, meanwhile, f"{steps} steps of {stage}")

    def kill(self) -> None:
        """End its driver with -9."""
        self.driver.kill()
        self.driver.wait()

    def ends(self, meanwhile: Callable[[], None] = lambda: None) -> None:
        """Wait until it has ended well, and do something meanwhile."""
        self._until(lambda: False, meanwhile, "the end")
        assert self.driver.returncode == 0, self.said

    def _until(
        self, condition: Callable[[], object], meanwhile: Callable[[], None], what: str
    ) -> None:
        def come() -> bool:
            meanwhile()
            return self.ended or bool(condition())

        until(come, _LONGEST_S, f"{what} of {self.name}")
