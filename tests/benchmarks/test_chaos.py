from __future__ import annotations

from benchmarks.sections.chaos import lines

HARDWARE = {
    "date": "2026-01-02 03:04 UTC", "command": "python -m pytest tests/chaos", "processor": "P",
    "cores": 2, "load_before": 0.1, "python": "3", "torch": "2", "ray": "2", "torch-pruning": "1",
}  # fmt: skip


def test_faults_are_counted_by_kind() -> None:
    """Of three jobs two were kept, with 1 + 5 of 11 faults; their median lasts 30 s."""
    rounds = {
        "1": {"kept": True, "strikes": 1, "seconds": 20.0},
        "2": {"kept": False, "strikes": 5, "seconds": 310.0},
        "3": {"kept": True, "strikes": 5, "seconds": 30.0},
    }
    told = lines({"lost": {"fault": "A node is lost.", "rounds": rounds, "hardware": HARDWARE}})
    assert "| A node is lost | 3 | 11 | 6 | 30 |" in told
    assert told[-1].startswith("- 3 jobs and 11 faults, 0.1 hours in all; the last: P, 2 cores")


def test_a_job_whose_test_was_wrong_is_told_of_and_not_counted() -> None:
    rounds = {
        "1": {"kept": True, "strikes": 5, "seconds": 20.0},
        "2": {"kept": False, "strikes": 5, "seconds": 10.0, "void": "the test asked for a line"},
    }
    told = lines({"lost": {"fault": "A node is lost.", "rounds": rounds, "hardware": HARDWARE}})
    assert "| A node is lost | 1 | 5 | 5 | 20 |" in told
    assert told[-1] == "- Not counted: A node is lost: the test asked for a line."
