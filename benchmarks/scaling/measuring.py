"""Rounds of measurements, each in a process of its own, and the options that they share."""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from benchmarks.page import RESULTS, write
from benchmarks.rounds import begun

FOLDER = RESULTS / "scaling"
WORKERS = (2, 4, 8)
Figures = dict[str, float]


def options(description: str, kind: str, *, seconds: float, of: str) -> argparse.ArgumentParser:
    """The options of a measurement.

    Args:
        description: of the command.
        kind: of the results, which names their folder.
        seconds: of work, where not told.
        of: what the seconds are of.
    """
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--workers", type=int, action="append")
    parser.add_argument("--seconds", type=float, default=seconds, help=f"of {of}")
    parser.add_argument("--rounds", type=int, default=1)
    parser.add_argument("--results", type=Path, default=FOLDER / kind)
    parser.add_argument("--restart", action="store_true", help="discard what the files hold")
    parser.add_argument("--play", action="store_true", help=argparse.SUPPRESS)
    return parser


def search_options(
    description: str, kind: str, *, trials: int, number: Callable[[str], int] = int
) -> argparse.ArgumentParser:
    """The same of a search, with ``trials`` a worker where not told, and how they are read."""
    parser = options(description, kind, seconds=30.0, of="a trial")
    parser.add_argument("--trials", type=number, default=trials, help="a worker")
    parser.add_argument("--reports", type=int, default=12, help="of a trial")
    return parser


def searched(given: argparse.Namespace) -> list[str]:
    """The options of a search, to be passed on."""
    return [f"--{name}={getattr(given, name)}" for name in ("trials", "seconds", "reports")]


def several(text: str) -> int:
    """An option of how many trials or episodes a worker has.

    Raises:
        argparse.ArgumentTypeError: fewer than two.
    """
    if not text.isdecimal() or int(text) < 2:
        raise argparse.ArgumentTypeError(
            f"{text}: expected 2 or more, since time is measured from one to the next"
        )
    return int(text)


def alone(arguments: list[str]) -> Figures:
    """A module of this package in a process of its own; the last line of what it prints."""
    done = subprocess.run(
        [sys.executable, "-m", *arguments], check=True, stdout=subprocess.PIPE, text=True
    )
    found: Figures = json.loads(done.stdout.splitlines()[-1])
    return found


def measured(
    file: Path, settings: dict[str, Any], rounds: int, command: list[str], *, restart: bool
) -> None:
    """Measure until a result file has so many rounds of ``alone``.

    Args:
        file: kept after every round.
        settings: of the measurement; what a file of others holds is discarded.
        rounds: in all.
        command: of one round.
        restart: discard what the file holds.
    """
    found = begun(file, settings, restart=restart)
    while len(found["rounds"]) < rounds:
        found["rounds"].append(alone(command))
        write(file, found)
        print(file.stem, found["rounds"][-1], file=sys.stderr, flush=True)
