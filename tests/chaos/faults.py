"""How processes are told what is to go wrong in them, see ``faulty/sitecustomize.py``."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import MappingProxyType

FAULTY = Path(__file__).with_name("faulty")
ALWAYS = 10**6

Strikes = Mapping[str, Sequence[tuple[int, int]]]
"""(when, how often) of a trial's number, an agent's target, or ``every``."""

NOWHERE: Strikes = MappingProxyType({})


def environment(where: str, fault: str, strikes: Strikes, marks: Path) -> dict[str, str]:
    """Variables that let a fault happen; nothing happens where it has no name.

    Args:
        where: ``trial`` or ``agent``.
        fault: its name.
        strikes: when.
        marks: empty folder, in which what has happened is counted.
    """
    if not fault:
        return {}
    return {
        "PYTHONPATH": str(FAULTY),
        "CHAOS_FAULT": fault,
        "CHAOS_WHERE": where,
        "CHAOS_STRIKES": json.dumps(dict(strikes)),
        "CHAOS_FOLDER": str(marks),
    }
