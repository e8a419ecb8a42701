"""Jobs in whose processes something goes wrong, see ``faulty/sitecustomize.py``."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from itertools import count
from pathlib import Path
from types import MappingProxyType
from typing import Any

import yaml

FAULTY = Path(__file__).with_name("faulty")
ALWAYS = 10**6

Strikes = Mapping[str, Sequence[tuple[int, int]]]
"""(when, how often) of a trial's number, an agent's target, or ``every``."""

NOWHERE: Strikes = MappingProxyType({})


class Plays:
    """Runs a job with a fault in it, or without one; run once more, faults come anew.

    Args:
        run: runs a job file, with variables for its processes.
        folder: for job files, and for ``marks-0`` on, where what has happened is counted.
        where: faults befall a ``trial`` or an ``agent``.
        job: what is asked for.
    """

    def __init__(
        self, run: Callable[..., tuple[int, str]], folder: Path, where: str, job: Mapping[str, Any]
    ) -> None:
        self._run, self._folder, self._where, self._job = run, folder, where, job
        self._plays = count()

    def __call__(self, fault: str = "", strikes: Strikes = NOWHERE, **more: Any) -> tuple[int, str]:
        """Exit code and output.

        Args:
            fault: its name; nothing happens without one.
            strikes: when it does.
            more: fields of the job; in capitals, variables for its processes.
        """
        nth = next(self._plays)
        spec, marks = self._folder / f"job-{nth}.yaml", self._folder / f"marks-{nth}"
        marks.mkdir()
        fields = {name: value for name, value in more.items() if not name[:1].isupper()}
        spec.write_text(yaml.safe_dump({**self._job, **fields}))
        variables = {name: more[name] for name in more.keys() - fields.keys()}
        return self._run(spec, **variables, **self._faulty(fault, strikes, marks))

    def _faulty(self, fault: str, strikes: Strikes, marks: Path) -> dict[str, str]:
        if not fault:
            return {}
        return {
            "PYTHONPATH": str(FAULTY),
            "CHAOS_FAULT": fault,
            "CHAOS_WHERE": self._where,
            "CHAOS_STRIKES": json.dumps(dict(strikes)),
            "CHAOS_FOLDER": str(marks),
        }
