from __future__ import annotations

import json
from pathlib import Path

import pytest

from agents.actions import RatioActions
from agents.task import PruningTask, normalised, prepare
from benchmarks import breakdown, networks, page, reference_loop
from secateur.compression.execution import EXACT, Execution
from secateur.data import Development
from secateur.models.registry import build
from secateur.records import Architecture
from secateur.spec import PruneSpec

IMAGES = 200


@pytest.fixture(scope="module")
def task() -> PruningTask:
    architecture = Architecture(
        name="resnet", arguments={"depth": 1, "width": 16}, input_shape=networks.SHAPE, classes=10
    )
    spec = PruneSpec(targets=(0.5,), reward_images=IMAGES, calibration_images=64, episodes=4)
    data = networks.development(IMAGES)
    return prepare(spec, build(architecture, seed=0).eval(), networks.SHAPE, data, 0)


@pytest.fixture(scope="module")
def reference(task: PruningTask) -> reference_loop.ReferenceReward:
    data: Development = task.development
    return reference_loop.ReferenceReward(
        task.candidates.network,
        task.candidates.plan,
        normalised(data.train.take(slice(64)), data),
        normalised(data.validation, data),
        data.validation.tensors()[1],
    )


@pytest.mark.parametrize("widths", [(16, 16, 32, 32, 64, 64), (8, 4, 24, 16, 40, 13)])
def test_same_widths_earn_the_same_as_with_the_reference(
    task: PruningTask, reference: reference_loop.ReferenceReward, widths: tuple[int, ...]
) -> None:
    expected = reference(widths)
    exact = task.judge(execution=EXACT)(widths)
    laid = task.judge(execution=Execution(channels_last=True))(widths)
    coarse = task.judge(execution=Execution(channels_last=True, bfloat16=True))(widths)
    assert exact == pytest.approx(expected, abs=1 / IMAGES)
    assert laid == pytest.approx(expected, abs=1 / IMAGES)
    # Random weights put images near the borders of classes, where bfloat16 shows most.
    assert coarse == pytest.approx(expected, abs=10 / IMAGES)


def test_the_reference_plays_policies_that_meet_the_target(task: PruningTask) -> None:
    problem = task.problem(0.5)
    played = list(
        reference_loop.episodes(
            problem, lambda widths: sum(widths) / 1000, 8, 0, RatioActions(problem)
        )
    )
    assert len(played) == 8
    for widths, reward in played:
        assert reward == sum(widths) / 1000
        assert task.cost.flops(widths) <= problem.budget


def test_the_parts_of_an_episode_are_all_there(task: PruningTask) -> None:
    parts = breakdown.candidate_parts(task, task.candidates.plan.widths, EXACT)
    assert set(parts) == {"forward", "recalibration", "surgery"}
    assert min(parts.values()) > 0


def test_what_is_added_is_a_share_of_the_forward_passes() -> None:
    parts = {"forward": 80.0, "recalibration": 20.0, "surgery": 5.0, "agent": 9.0, "ray": 1.0}
    assert breakdown.added(parts) == 0.15


def test_the_page_shows_what_the_files_hold(tmp_path: Path) -> None:
    facts = dict.fromkeys(
        ("processor", "cores", "load_before", "torch", "ray", "torch-pruning", "python", "date",
         "command"), "known",
    )  # fmt: skip
    rounds = [
        {"secateur": {"rate": 4 * rate}, "reference": {"rate": rate}, "ratio": 4.0 + rate}
        for rate in (1.0, 2.0, 3.0)
    ]
    result = {
        "settings": {"images": 10, "targets": [0.5], "agent": "ddpg", "threads": 2},
        "hardware": facts,
        "rounds": rounds,
        "breakdown_ms": dict.fromkeys(
            ("forward", "recalibration", "surgery", "agent", "ray"), 12.34
        ),
        "added": 0.15,
        "steps_ms": {"first": 10.0, "second": 5.0},
    }
    folder = tmp_path / "throughput"
    folder.mkdir()
    (folder / "net.json").write_text(json.dumps(result))
    text = page.page([folder, tmp_path / "unknown"])
    assert "| net | 3 | 8.00 | 2.00 | 6.00 | 5.00 | 7.00 |" in text
    assert "| net | 12.3 | 12.3 | 12.3 | 12.3 | 12.3 | 15% |" in text
    assert "| first | 10 |" in text
