from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from benchmarks.search_quality_page import section_of
from benchmarks.search_quality_pictures import draw


def run(agent: str, seed: int, held_out: float, width: int) -> dict[str, Any]:
    return {
        "network": "net",
        "data": "images",
        "episodes": 100,
        "target": 0.5,
        "agent": agent,
        "seed": seed,
        "rewards": [0.1] * 80 + [0.3] * 20,
        "widths": [width],
        "held_out": held_out,
        "flops_cut": 0.51,
        "parameters_cut": 0.25,
        "dense_accuracy": 0.9,
        "seconds": 12.0,
        "evaluation_seconds": 10.0,
        "machine": {"processor": "chip", "threads": 1, "torch": "2", "ray": "2"},
    }


def _own_seconds(runs: list[dict[str, Any]]) -> str:
    """The last cell of the default agent's row."""
    (row,) = (line for line in section_of(runs).splitlines() if line.startswith("| ddpg |"))
    return row.rstrip(" |").rpartition("| ")[2]


@pytest.fixture
def runs() -> list[dict[str, Any]]:
    return [
        run("ddpg", 1, 0.40, 1),
        run("ddpg", 2, 0.42, 2),
        run("tpe", 1, 0.43, 3),
        run("tpe", 2, 0.47, 3),
    ]


def test_a_row_has_means_and_spreads(runs: list[dict[str, Any]]) -> None:
    finetuned = {("net", (1,)): 0.8, ("net", (2,)): 0.7, ("net", (3,)): 0.6}
    lines = section_of(runs, finetuned).splitlines()
    assert (
        "| ddpg | 2 | **10.00 ± 0.00** | **30.00 ± 0.00** | 41.00 ± 1.41 | **75.00 ± 7.07** "
        "| 51.0 | 25.0 | 2.0 |" in lines
    )
    # Two runs that found the same widths share one fine-tune.
    assert (
        "| tpe | 2 | **10.00 ± 0.00** | **30.00 ± 0.00** | **45.00 ± 2.83** | 60.00 ± 0.00 "
        "| 51.0 | 25.0 | 2.0 |" in lines
    )


def test_a_run_that_was_interrupted_has_no_time_of_its_own(runs: list[dict[str, Any]]) -> None:
    # 12 s of which 10 were evaluations; of the other only what came after the interruption.
    runs[0] |= {"seconds": 0.5, "evaluation_seconds": 0.0, "resumed": True}
    assert _own_seconds(runs) == "2.0"
    runs[1] |= {"resumed": True}
    assert _own_seconds(runs) == "-"


def test_it_says_where_the_default_loses(runs: list[dict[str, Any]]) -> None:
    text = section_of(runs, {})
    assert (
        "`ddpg` has the best mean on held-out images, before fine-tuning, on 0 of 1 problems. "
        "Ahead of it, in points: net at -50%: `tpe` by 4.00 (± 2.83)." in text
    )
    # Nobody has fine-tuned: nothing is claimed about it.
    assert "after fine-tuning, on" not in text
    assert "| ddpg | 2 | **10.00 ± 0.00** | **30.00 ± 0.00** | 41.00 ± 1.41 | - |" in text


def test_agents_of_one_policy_are_named(runs: list[dict[str, Any]]) -> None:
    same = "Every agent has the same number of evaluations"
    assert f"{same}. " in section_of(runs)
    single = run("uniform", 1, 0.1, 4) | {"rewards": [0.1]}
    assert f"{same}, but for those of a single policy: `uniform`. " in section_of([*runs, single])


def test_without_runs_there_is_no_section() -> None:
    assert section_of([]) == ""


def test_a_picture_a_network_is_drawn(runs: list[dict[str, Any]], tmp_path: Path) -> None:
    (file,) = draw(runs, tmp_path)
    assert file.name == "cut-by-agent-net.png"
    with Image.open(file) as image:
        assert len(image.convert("RGB").getcolors(1 << 20) or []) > 10
