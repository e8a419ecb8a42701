"""How long the report of a job of 10,000 trials takes, until it can be read.

    python -m benchmarks.reports

A job that never ran is written as records (`benchmarks.synthetic_job`).  Timed are drawing its
pictures, which a job does once; writing the page from records and pictures, as ``secateur
report`` does after its start; the whole command; and a headless Chromium that is started, opens
the page, runs its script, and prints what became of it.  Rounds that are in the result file
already are kept, so a run can be continued.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from benchmarks.page import RESULTS, write
from benchmarks.rounds import begun
from benchmarks.synthetic_job import synthetic_job
from search.ledger import Ledger
from search.reports import illustrated, report

CHROMIUMS = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")
Figures = dict[str, float]


def measure(ledger: Ledger, chromium: str) -> Figures:
    """One round: seconds of each step, and the size of the page."""
    found: Figures = {}
    began = time.perf_counter()
    illustrated.draw(ledger)
    found["draw"] = time.perf_counter() - began
    began = time.perf_counter()
    page, _ = report.write(ledger)
    found["write"] = time.perf_counter() - began
    found["command"] = _command(ledger)
    found["open"] = _open(page, chromium, ledger.spec().search.trials)
    found["bytes"] = page.stat().st_size
    return found


def _command(ledger: Ledger) -> float:
    """``secateur report``, from its start to its end."""
    began = time.perf_counter()
    subprocess.run(
        [sys.executable, "-m", "search", "report", str(ledger.folder)],
        stdout=subprocess.DEVNULL,
        check=True,
    )
    return time.perf_counter() - began


def _open(page: Path, chromium: str, trials: int) -> float:
    """A browser, from its start until it has the page with every row in its listing."""
    root = ["--no-sandbox"] if os.geteuid() == 0 else []
    began = time.perf_counter()
    done = subprocess.run(
        [chromium, "--headless", *root, "--dump-dom", page.as_uri()],
        capture_output=True,
        text=True,
        check=True,
    )
    seconds = time.perf_counter() - began
    assert f"of {trials:,}</p>" in done.stdout, "the page's script has not shown its rows"
    return seconds


def main() -> None:
    parser = argparse.ArgumentParser(description="The report of a job of many trials.")
    parser.add_argument("--trials", type=int, default=10_000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--results", type=Path, default=RESULTS / "reports")
    parser.add_argument("--restart", action="store_true", help="discard what the file holds")
    arguments = parser.parse_args()
    chromium = next(filter(None, map(shutil.which, CHROMIUMS)), None)
    if chromium is None:
        parser.error(
            f"none of {', '.join(CHROMIUMS)} is on the path; make test-browser installs one"
        )
    file = arguments.results / f"{arguments.trials}.json"
    found = begun(file, {"trials": arguments.trials}, restart=arguments.restart)
    with tempfile.TemporaryDirectory() as folder:
        ledger = synthetic_job(Path(folder, "large"), arguments.trials)
        while len(found["rounds"]) < arguments.rounds:
            found["rounds"].append(measure(ledger, chromium))
            write(file, found)
            print("  ".join(f"{step} {value:.3g}" for step, value in found["rounds"][-1].items()))


if __name__ == "__main__":
    main()
