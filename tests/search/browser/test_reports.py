"""Reports in a real browser, in an environment of its own: ``make test-browser``."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from benchmarks.synthetic_job import synthetic_job
from search.reports import comparison, report
from search.reports.comparable import compared
from search.reports.pages import save

DRIVE = Path(__file__).with_name("drive.py")
TRIALS = 10_000

pytestmark = pytest.mark.slow

Found = dict[str, Any]


@pytest.fixture(scope="module")
def found(drive: Callable[..., Found], tmp_path_factory: pytest.TempPathFactory) -> Found:
    """What ``drive.py`` saw of the report of a large job, and of a comparison of small ones."""
    home = tmp_path_factory.mktemp("home")
    page, _ = report.write(synthetic_job(home / "large", TRIALS))
    jobs = [
        synthetic_job(home / f"{name}-s{seed}", trials, seed)
        for name, trials in (("few-trials", 8), ("many-trials", 40))
        for seed in range(3)
    ]
    save(comparison.document(compared(jobs)), home / "comparison.html")
    return drive(DRIVE, page, home / "comparison.html")


def test_pages_are_whole_and_legible_in_every_window_and_theme(found: Found) -> None:
    assert len(found["looks"]) == 8
    for look in found["looks"]:
        assert (look["complaints"], look["elsewhere"]) == ([], []), look["where"]
        assert not look["scrolls"], look["where"]
        assert look["decoded"], look["where"]
        # What the guidelines of the W3C ask of text.
        assert look["least contrast"] >= 4.5, look["where"]


def test_trials_are_leafed_through(found: Found) -> None:
    first, next_, filtered, none = found["turn"]["place"]
    assert (first, next_) == ("1 to 25 of 10,000", "26 to 50 of 10,000")
    assert filtered.startswith("1 to 25 of ")
    assert none == "no row holds these words"


def test_trials_are_sorted(found: Found) -> None:
    greatest, least, named = found["turn"]["sorted"]
    shares = [[float(cell.rstrip("%")) for cell in cells] for cells in (greatest, least)]
    assert shares[0] == sorted(shares[0], reverse=True)
    assert shares[1] == sorted(shares[1])
    assert shares[1][-1] < shares[0][-1]
    assert all(name.startswith("lenet") for name in named)
    assert found["turn"]["direction"] == "ascending"


def test_trials_are_filtered(found: Found) -> None:
    assert all("lenet" in row and "failed" in row for row in found["turn"]["filtered"])
    assert found["turn"]["complaints"] == []


def test_without_script_the_first_trials_are_there(found: Found) -> None:
    assert found["without script"] == {"rows": 25, "tools": False}
