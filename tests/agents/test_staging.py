from __future__ import annotations

from copy import deepcopy
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import save_file

from agents import exploration, staging
from agents.allowance import Allowance
from agents.candidates import Candidates
from agents.staging import Stage, shares, stage, stages
from agents.task import PruningTask, prepare
from secateur.artifacts import rebuild
from secateur.compression.counter import count
from secateur.compression.execution import EXACT, Execution
from secateur.compression.policy import uniform
from secateur.data import Development, Images
from secateur.errors import ArtifactError, StageError
from secateur.models.registry import build
from secateur.records import Architecture, Episode
from secateur.spec import PruneSpec
from secateur.training.supervised import train

RESNET = Architecture(
    name="resnet", arguments={"depth": 1, "width": 16}, input_shape=(1, 8, 8), classes=3
)
SPEC = PruneSpec.model_validate(
    {
        "targets": (0.9,),
        "agent": "random",
        "episodes": 7,
        "reward_images": 30,
        "round_to": 2,
        "stages": {"finetune": {"epochs": 1, "learning_rate_factor": 1.0}},
    }
)


@pytest.fixture(scope="module")
def task() -> PruningTask:
    """A small residual network that tells images apart by their brightness."""
    generator = np.random.default_rng(0)

    def images(number: int) -> Images:
        labels = np.arange(number) % 3
        pixels = generator.integers(0, 60, (number, 1, 8, 8)) + 80 * labels[:, None, None, None]
        return Images(pixels.astype(np.uint8), labels.astype(np.int64))

    development = Development(("a", "b", "c"), images(120), images(60), (0.4,), (0.3,))
    network = build(RESNET, seed=0)
    prepared = prepare(SPEC, network.eval(), RESNET.input_shape, development, 0)
    for _ in train(network, development, prepared.recipe.model_copy(update={"epochs": 2})):
        pass
    return prepared


@pytest.mark.parametrize(
    ("target", "largest", "expected"),
    [
        (0.5, 0.8, (0.5,)),
        (0.8, 0.8, (0.8,)),
        (0.81, 0.8, (1 - 0.19**0.5, 0.81)),
        (0.9, 0.8, (1 - 0.1**0.5, 0.9)),
        (0.96, 0.8, (0.8, 0.96)),
        (0.875, 0.5, (0.5, 0.75, 0.875)),
    ],
)
def test_every_stage_keeps_the_same_share(
    target: float, largest: float, expected: tuple[float, ...]
) -> None:
    found = shares(target, largest, most=10)
    assert found == pytest.approx(expected)
    assert found[-1] == target


def test_there_are_no_more_stages_than_episodes() -> None:
    assert shares(0.99, 0.5, most=2) == pytest.approx((0.9, 0.99))


def test_stages_share_the_episodes_and_count_in_dense_flops(task: PruningTask) -> None:
    assert stages(task, 0.9) == pytest.approx((0.6838, 0.9), abs=1e-4)
    first, last = (stage(task, 0.9, number, task.candidates) for number in (0, 1))
    assert (first.episodes, last.episodes) == (3, 4)
    assert first.problem.budget == int((1 - stages(task, 0.9)[0]) * task.dense_flops)
    assert last.problem.budget == task.problem(0.9).budget
    assert min(int(widths[0]) for widths in first.problem.allowed) >= 2


def test_two_stages_end_in_widths_of_the_dense_network(task: PruningTask, tmp_path: Path) -> None:
    folder = tmp_path / "target-0.9"
    episodes = list(exploration.explore(task, 0.9, folder))
    assert [episode.number for episode in episodes] == list(range(7))
    budgets = [task.problem(share).budget for share in stages(task, 0.9)]
    assert all(one.flops <= budgets[0] for one in episodes[:3])
    assert all(one.flops <= budgets[1] for one in episodes[3:])
    assert all(one.flops == task.cost.flops(one.widths) for one in episodes)

    result = exploration.choose(task, 0.9, episodes, folder)
    assert result.start == "target-0.9/stage-1.safetensors"
    assert result.flops_cut >= 0.9
    assert result.dense_widths == task.candidates.plan.widths
    between = staging.load(task, tmp_path / result.start)
    # A stage only cuts further, and from weights that have learned again.
    assert all(now <= then for now, then in zip(result.widths, between.plan.widths, strict=True))
    assert between.plan.widths in {one.widths for one in episodes[:3]}
    assert result.accuracy == task.judge(candidates=between).accuracy(result.widths)

    final = exploration.begin(task, tmp_path / result.start).cut(result.widths)
    assert count(final, RESNET.input_shape).flops == result.flops
    rebuild(RESNET, result.widths).load_state_dict(final.state_dict())


def test_a_budget_that_is_spent_leaves_every_stage_an_episode(
    task: PruningTask, tmp_path: Path
) -> None:
    folder = tmp_path / "target-0.9"
    episodes = list(exploration.explore(task, 0.9, folder, Allowance(0.0)))
    budgets = [task.problem(share).budget for share in stages(task, 0.9)]
    assert all(one.flops <= budget for one, budget in zip(episodes, budgets, strict=True))
    result = exploration.choose(task, 0.9, episodes, folder)
    assert result.flops_cut >= 0.9
    assert result.stopped_by == "minutes"
    # Gone on with, it tells the same again.
    assert list(exploration.explore(task, 0.9, folder, Allowance(0.0))) == episodes


def test_a_run_that_is_resumed_plays_nothing_twice(task: PruningTask, tmp_path: Path) -> None:
    episodes = list(exploration.explore(task, 0.9, tmp_path))
    weights = (tmp_path / "stage-1.safetensors").read_bytes()
    assert list(exploration.explore(task, 0.9, tmp_path)) == episodes
    assert (tmp_path / "stage-1.safetensors").read_bytes() == weights


def test_a_run_that_began_again_elsewhere_ends_here(task: PruningTask, tmp_path: Path) -> None:
    given_up = exploration.explore(task, 0.5, tmp_path)
    begun = [next(given_up), next(given_up)]
    again = exploration.explore(task, 0.5, tmp_path)
    assert [next(again), next(again)] == begun
    with pytest.raises(StageError, match="only the last one may write here"):
        next(given_up)
    assert len(list(again)) == 7 - 2


def test_a_mild_target_is_one_stage_from_the_dense_network(
    task: PruningTask, tmp_path: Path
) -> None:
    episodes = list(exploration.explore(task, 0.5, tmp_path))
    assert len(episodes) == 7
    result = exploration.choose(task, 0.5, episodes, tmp_path)
    assert result.start is None
    assert not list(tmp_path.glob("*.safetensors"))


def test_finalists_meet_the_target_and_come_once(task: PruningTask) -> None:
    last = stage(task, 0.5, 0, task.candidates)
    dense, narrow = last.problem.dense_widths, tuple(int(one[0]) for one in last.problem.allowed)
    even = uniform(last.problem.limits, last.problem.allowed)
    mixed = (narrow[0], *even[1:])

    def episode(widths: tuple[int, ...], reward: float) -> Episode:
        return Episode(number=0, widths=widths, reward=reward, flops=0)

    played = [episode(narrow, 0.2), episode(dense, 0.9), episode(even, 0.5),
              episode(narrow, 0.2), episode(mixed, 0.4)]  # fmt: skip
    assert staging.finalists(last, played, 2) == [even, mixed]


def test_a_policy_of_channels_that_are_gone_is_no_finalist(task: PruningTask) -> None:
    """A first stage may meet the last one's target, but with groups that it did not keep."""
    dense, plan = stage(task, 0.9, 0, task.candidates), task.candidates.plan
    even = uniform(dense.problem.limits, dense.problem.allowed)
    network = plan.prune(task.candidates.network, plan.kept_first(even))
    last = stage(task, 0.9, 1, task.candidates_of(network.eval()))
    narrow = tuple(int(widths[0]) for widths in last.problem.allowed)
    # One channel more than is left of some group, and the target is met all the same.
    wider = (
        (*narrow[:place], even[place] + 1, *narrow[place + 1 :])
        for place in range(len(narrow))
        if even[place] < plan.widths[place]
    )
    gone = next(widths for widths in wider if last.problem.limits.met(widths))
    played = [
        Episode(number=0, widths=gone, reward=0.9, flops=0),
        Episode(number=1, widths=narrow, reward=0.3, flops=0),
    ]
    assert staging.finalists(last, played, 2) == [narrow]


def test_the_way_of_running_is_chosen_where_the_network_is(
    task: PruningTask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # A device that every machine has, and that is not the images' own.
    elsewhere = replace(task.candidates, network=deepcopy(task.candidates.network).to("meta"))
    asked = []

    def quickest(_: Candidates, _widths: object, images: torch.Tensor) -> Execution:
        asked.append(images.device.type)
        return EXACT

    monkeypatch.setattr(Candidates, "quickest", quickest)
    judge = exploration.rewards(task, Stage(elsewhere, task.problem(0.5), 1), tmp_path / "way.json")
    assert asked == ["meta"]
    assert judge.execution == EXACT


def test_stages_share_what_is_to_go_of_the_parameters(task: PruningTask) -> None:
    limited = replace(task, spec=task.spec.model_copy(update={"parameters": 0.91}))
    # Of three stages each keeps the cube root of 0.09 of what it starts with.
    count = len(stages(task, 0.9))
    limits = [
        stage(limited, 0.9, number, task.candidates).problem.limits.parameters
        for number in range(count)
    ]
    left = [task.cost.dense_parameters * 0.09 ** ((number + 1) / count) for number in range(count)]
    assert limits == pytest.approx(left, abs=1)


def test_weights_of_another_network_are_refused(task: PruningTask, tmp_path: Path) -> None:
    with pytest.raises(ArtifactError, match=r"stage-1"):
        staging.load(task, tmp_path / "stage-1.safetensors")
    (tmp_path / "broken.safetensors").write_bytes(b"none")
    save_file({"weight": torch.zeros(1)}, tmp_path / "bare.safetensors")
    for name in ("broken", "bare"):
        with pytest.raises(ArtifactError, match=name):
            staging.load(task, tmp_path / f"{name}.safetensors")
