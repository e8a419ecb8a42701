from __future__ import annotations

from pathlib import Path

from benchmarks.sections import reports
from benchmarks.synthetic_job import synthetic_job
from search.reports.records import JobRecords

FACTS = dict.fromkeys(
    ("processor", "cores", "load_before", "torch", "ray", "torch-pruning", "python", "date",
     "command"), "known",
)  # fmt: skip


def test_the_section_tells_medians() -> None:
    turns = [
        {"draw": 1.0, "write": seconds, "command": 2.0, "open": 3.0, "bytes": 2_500_000}
        for seconds in (0.4, 0.1, 0.2)
    ]
    result = {"settings": {"trials": 10_000}, "hardware": FACTS, "rounds": turns}
    lines = reports.lines({"10000": result})
    assert "| 10,000, write report.html and report.md | 3 | 0.20 | 0.10 | 0.40 |  |" in lines
    assert any(line.endswith("| 3 | 3.00 | 3.00 | 3.00 | 2.5 |") for line in lines)


def test_a_synthetic_job_is_one_that_has_finished(tmp_path: Path) -> None:
    job = JobRecords.read(synthetic_job(tmp_path / "made-up", 50))
    assert job.missing == ()
    assert job.searched is not None
    assert len(job.searched.trials) == 50
    assert job.searched.best.status == "finished"
