from __future__ import annotations

from collections import defaultdict
from pathlib import Path

import numpy as np
import pytest
import torch

from agents import runner
from agents.runner import PruningTask
from secateur.data import Development, Images
from secateur.errors import UnreachableTargetError
from secateur.models.registry import build
from secateur.records import Architecture, Episode, PruningResult
from secateur.spec import BudgetSpec, DDPGSpec, PruneSpec, RandomSpec
from secateur.spec.rewards import FlopsReward

RESNET = Architecture(
    name="resnet", arguments={"depth": 1, "width": 4}, input_shape=(1, 8, 8), classes=3
)
SPEC = PruneSpec(targets=(0.3, 0.6), episodes=4, reward_images=20, rerank=2)


@pytest.fixture(scope="module")
def development() -> Development:
    """Three classes of images that differ in brightness."""
    generator = np.random.default_rng(0)

    def images(count: int) -> Images:
        labels = np.arange(count) % 3
        pixels = generator.integers(0, 60, (count, 1, 8, 8)) + 80 * labels[:, None, None, None]
        return Images(pixels.astype(np.uint8), labels.astype(np.int64))

    return Development(("a", "b", "c"), images(60), images(30), (0.4,), (0.3,))


def task(development: Development, spec: PruneSpec = SPEC) -> PruningTask:
    torch.manual_seed(0)
    return runner.prepare(spec, build(RESNET).eval(), RESNET.input_shape, development, 0)


def test_a_target_beyond_the_bounds_is_refused_before_any_agent_starts(
    development: Development,
) -> None:
    spec = PruneSpec(targets=(0.9,), a_max=0.3)
    with pytest.raises(UnreachableTargetError, match=r"prune\.targets: 0\.9"):
        task(development, spec)


def test_the_judge_takes_as_many_images_as_it_is_given(development: Development) -> None:
    prepared = task(development)
    dense = prepared.candidates.plan.widths
    # 20 and 30 images: the accuracies are whole multiples of 1/20 and 1/30.
    assert prepared.judge(20)(dense) * 20 == pytest.approx(round(prepared.judge(20)(dense) * 20))
    assert prepared.judge()(dense) * 30 == pytest.approx(round(prepared.judge()(dense) * 30))


@pytest.mark.usefixtures("ray_session")
def test_agents_of_all_targets_play_and_the_best_policy_is_chosen(
    development: Development, tmp_path: Path
) -> None:
    prepared = task(development)
    played: dict[float, list[Episode]] = defaultdict(list)
    for target, episode in runner.run(prepared, tmp_path):
        played[target].append(episode)
    results = runner.decide(prepared, played, tmp_path)
    assert [result.target for result in results] == [0.3, 0.6]
    for result in results:
        assert len(result.episodes) == SPEC.episodes
        assert result.flops_cut >= result.target
        assert result.widths in {episode.widths for episode in result.episodes}
        assert result.accuracy == prepared.judge().accuracy(result.widths)


@pytest.mark.usefixtures("ray_session")
def test_agents_of_several_seeds_share_out_runners_and_gpus(
    development: Development, tmp_path: Path
) -> None:
    # Two agents of two runners each: more than the session's three CPUs hold at once, and
    # shares of its logical GPU. Each agent gets all of its room or waits.
    spec = SPEC.model_copy(
        update={"targets": (0.5,), "seeds": 2, "gpus": 0.25, "agent": DDPGSpec(runners=2)}
    )
    prepared = task(development, spec)
    played: dict[float, list[Episode]] = defaultdict(list)
    for target, episode in runner.run(prepared, tmp_path):
        played[target].append(episode)
    for seed in (0, 1):
        own = [episode for episode in played[0.5] if episode.seed == seed]
        assert sorted(episode.number for episode in own) == [0, 1, 2, 3]
    (result,) = runner.decide(prepared, played, tmp_path)
    rivals = {
        seed: runner.exploration.choose(
            prepared,
            0.5,
            [episode for episode in played[0.5] if episode.seed == seed],
            tmp_path / runner.agent_folder(0.5, seed),
        )
        for seed in (0, 1)
    }
    assert result.accuracy == max(rival.accuracy for rival in rivals.values())
    assert result.widths == rivals[result.seed].widths
    assert len(result.episodes) == 8


def test_seeds_are_compared_by_the_reward_of_the_job(
    development: Development, tmp_path: Path
) -> None:
    prepared = task(development, SPEC.model_copy(update={"reward": FlopsReward()}))
    dense = prepared.candidates.plan.widths
    result = PruningResult(target=0.3, agent="random", widths=dense, accuracy=0.75, dense_flops=1,
                           flops=1, groups=(), dense_widths=dense, episodes=())  # fmt: skip
    # AMC's: an error of a quarter times the logarithm of the FLOPs.
    merit = runner.exploration.merit(prepared, result, tmp_path)
    assert merit == pytest.approx(-0.25 * np.log(prepared.dense_flops))
    near = result.model_copy(update={"distance": 1.5})
    assert runner.exploration.merit(prepared, near, tmp_path) == -1.5


@pytest.mark.usefixtures("ray_session")
def test_a_budget_ends_agents_and_the_best_of_what_they_played_is_chosen(
    development: Development, tmp_path: Path
) -> None:
    # Over before it begins: each agent plays its one episode, over which no budget has power.
    spec = SPEC.model_copy(
        update={"agent": RandomSpec(), "episodes": 50, "budget": BudgetSpec(cpu_hours=1e-9)}
    )
    prepared = task(development, spec)
    for _ in range(2):  # the second time as if the driver had been killed in between
        played: dict[float, list[Episode]] = defaultdict(list)
        for target, episode in runner.run(prepared, tmp_path):
            played[target].append(episode)
        assert {target: len(episodes) for target, episodes in played.items()} == {0.3: 1, 0.6: 1}
    results = runner.decide(prepared, played, tmp_path)
    assert {result.stopped_by for result in results} == {"cpu_hours"}
    for result in results:
        assert result.widths == result.episodes[0].widths
        assert result.flops_cut >= result.target


@pytest.mark.usefixtures("ray_session")
def test_a_cluster_has_room_for_so_many_agents() -> None:
    # The session has three CPUs and one GPU.
    assert runner.places(SPEC) == 3
    assert runner.places(SPEC.model_copy(update={"agent": DDPGSpec(runners=2)})) == 1
    assert runner.places(SPEC.model_copy(update={"gpus": 0.5})) == 2
