"""How often every fault is played, and what came of each round: hooks of pytest's."""

from __future__ import annotations

import os
import zlib
from collections.abc import Iterator
from pathlib import Path

import pytest

from benchmarks.hardware import facts
from benchmarks.page import read, write

STRIKES = 5
"""How often its fault befalls the job of a round, at moments that are drawn; a test whose job may
end before says how often it did, as the property ``strikes``."""

ROUNDS = int(os.environ.get("SECATEUR_CHAOS_ROUNDS", "1"))
SEED = int(os.environ.get("SECATEUR_CHAOS_SEED", "0"))
RESULTS = os.environ.get("SECATEUR_CHAOS_RESULTS")
"""Folder that takes what came of the rounds, a file a test; other rounds stay in it."""


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Let every test that takes a ``seed`` be played as often as asked for."""
    given = {
        name
        for mark in metafunc.definition.iter_markers("parametrize")
        for name in str(mark.args[0]).replace(",", " ").split()
    }
    if "seed" in metafunc.fixturenames and "seed" not in given:
        # Other faults at other moments; the same ones again for who asks for the same seed.
        first = zlib.crc32(metafunc.definition.originalname.encode()) % 10_000 + 100_000 * SEED
        metafunc.parametrize("seed", range(first, first + ROUNDS))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Function, call: pytest.CallInfo[None]
) -> Iterator[pytest.TestReport]:
    """Note what came of a round, where a folder is named for it."""
    report: pytest.TestReport = yield
    played = report.when == "call" and not report.skipped and "seed" in item.fixturenames
    if RESULTS and played:
        note(Path(RESULTS), item, report)
    return report


def note(folder: Path, item: pytest.Function, report: pytest.TestReport) -> None:
    """Put a round into the file of its test; the fault is the first line of the test."""
    file = folder / f"{item.originalname.removeprefix('test_')}.json"
    fault = (item.function.__doc__ or item.originalname).strip().splitlines()[0]
    found = read(file) or {"rounds": {}}
    seconds = round(report.duration, 1)
    strikes = dict(report.user_properties).get("strikes", STRIKES)
    played = {"kept": report.passed, "strikes": strikes, "seconds": seconds}
    rounds = found["rounds"] | {item.callspec.id: played}
    write(file, {"fault": fault, "rounds": dict(sorted(rounds.items())), "hardware": facts()})
