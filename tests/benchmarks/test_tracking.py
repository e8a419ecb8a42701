from __future__ import annotations

from typing import Any

import pytest

from benchmarks.sections import tracking as section
from benchmarks.tracking import CASES
from secateur.spec import parse

FACTS = dict.fromkeys(
    ("processor", "cores", "load_before", "torch", "ray", "torch-pruning", "python", "date",
     "command"), "known",
)  # fmt: skip


def turn(seconds: float, ratio: float) -> dict[str, Any]:
    tracked = {
        "seconds": ratio * seconds,
        "shipping_cpu_seconds": 0.01 * ratio * seconds,
        "meter_cpu_seconds": 0.002 * ratio * seconds,
    }
    return {"tracked": tracked, "untracked": {"seconds": seconds}, "ratio": ratio}


def test_the_section_tells_medians_within_rounds() -> None:
    # The slower round has the smaller ratio: medians 90 s, +2 %; shares are 1 and 0.2 %.
    rounds = [turn(80.0, 1.03), turn(90.0, 1.02), turn(100.0, 0.99)]
    lines = section.lines({"demo": {"hardware": FACTS, "rounds": rounds}})
    assert "| demo | 3 | 90.0 | +2.0% | -1.0% | +3.0% | 1.0% | 0.2% |" in lines


@pytest.mark.parametrize("case", CASES)
def test_the_jobs_are_sound(case: str) -> None:
    spec = parse(CASES[case])
    assert (spec.search.sampler, spec.search.scheduler, spec.show) == ("random", "none", 0)
