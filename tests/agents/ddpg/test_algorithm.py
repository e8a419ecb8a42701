from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from agents.ddpg import DDPG, DDPGConfig
from agents.ddpg.noise import UNIFORM_SIGMA
from secateur.errors import NonFiniteRewardError, SpecError, StageError

Small = Callable[..., DDPGConfig]
FLAT = ("episodes_done", "sigma", "baseline", "actor_loss", "critic_loss", "episode_reward")


@pytest.fixture
def build() -> Iterator[Callable[[DDPGConfig], DDPG]]:
    built: list[DDPG] = []

    def build_algorithm(config: DDPGConfig) -> DDPG:
        built.append(config.build_algo())
        return built[-1]

    yield build_algorithm
    for algorithm in built:
        algorithm.stop()


def train(algorithm: DDPG, rounds: int) -> list[tuple[float, ...]]:
    results = [algorithm.train() for _ in range(rounds)]
    return [tuple(result[key] for key in FLAT) for result in results]


def weights(algorithm: DDPG) -> dict[str, Any]:
    state = algorithm.learner_group.get_state(components="learner/rl_module")
    found: dict[str, Any] = state["learner"]["rl_module"]["default_policy"]
    return found


def assert_equal(first: DDPG, second: DDPG) -> None:
    left, right = weights(first), weights(second)
    assert left.keys() == right.keys()
    assert all(np.array_equal(left[key], right[key]) for key in left)
    probe = np.linspace(0.0, 1.0, 33, dtype=np.float32).reshape(3, 11)
    assert np.array_equal(first.act(probe), second.act(probe))


def test_a_round_is_one_episode_and_reports_flat_numbers(build: Any, small: Small) -> None:
    algorithm = build(
        small(warmup_episodes=2, constant_episodes=0, decay_episodes=1, sigma_final=0.1)
    )
    results = [algorithm.train() for _ in range(3)]
    assert [result["episodes_done"] for result in results] == [1, 2, 3]
    # Of the round to come: uniform, then the first of the decay, then its end.
    assert [result["sigma"] for result in results] == [UNIFORM_SIGMA, 0.5, 0.1]
    rewards = [result["episode_reward"] for result in results]
    assert [result["episode_rewards"] for result in results] == [[reward] for reward in rewards]
    assert results[-1]["episode_infos"] == [{}]
    # 0.95 b + 0.05 R from b = the first reward.
    expected = 0.95 * (0.95 * rewards[0] + 0.05 * rewards[1]) + 0.05 * rewards[2]
    assert results[-1]["baseline"] == pytest.approx(expected)
    assert all(np.isfinite([result[key] for key in FLAT]).all() for result in results)


def test_acts_greedily_on_one_observation_or_many(build: Any, small: Small) -> None:
    algorithm = build(small())
    one = algorithm.act(np.zeros(11))
    assert one.shape == (1,)
    assert np.array_equal(algorithm.act(np.zeros((4, 11))), np.repeat(one[np.newaxis], 4, axis=0))


def test_equal_seeds_give_equal_runs_and_others_do_not(build: Any, small: Small) -> None:
    first, second, other = (build(small("RandomStart", seed=seed)) for seed in (3, 3, 4))
    runs = [train(algorithm, 4) for algorithm in (first, second, other)]
    assert runs[0] == runs[1]
    assert runs[0] != runs[2]
    assert_equal(first, second)


def test_every_round_starts_the_environment_anew(build: Any, small: Small) -> None:
    algorithm = build(small("RandomStart", minibatch_size=200))
    train(algorithm, 3)
    bonuses = algorithm._replay.get_state()["columns"]["observations"][:, 0, 10]
    assert len(set(bonuses)) == 3


def test_a_restored_run_goes_on_as_the_unbroken_one(
    build: Any, small: Small, tmp_path: Path
) -> None:
    # A ring of two episodes has turned over before the checkpoint and does so again after.
    unbroken = build(small("RandomStart", replay_episodes=2, constant_episodes=0))
    train(unbroken, 3)
    unbroken.save_to_path(tmp_path)
    expected = train(unbroken, 3)

    torch.manual_seed(99)
    restored = DDPG.from_checkpoint(tmp_path)
    assert train(restored, 3) == expected
    assert_equal(unbroken, restored)

    # Setting a run back in place must not keep its newer weights.
    unbroken.restore_from_path(tmp_path)
    assert train(unbroken, 3) == expected
    restored.stop()


def test_a_state_can_be_handed_over_without_a_file(build: Any, small: Small) -> None:
    first, second = build(small()), build(small(seed=5))
    train(first, 2)
    train(second, 3)
    second.set_state(first.get_state())
    assert train(first, 2) == train(second, 2)
    assert_equal(first, second)


def test_restoring_the_networks_alone_reaches_the_runner(
    build: Any, small: Small, tmp_path: Path
) -> None:
    algorithm = build(small())
    probe, actions = np.zeros(11), []
    for step in range(2):
        train(algorithm, 2)
        algorithm.save_to_path(tmp_path / str(step))
        actions.append(algorithm.act(probe))
    for step in (1, 0):
        component = tmp_path / str(step) / "learner_group"
        algorithm.restore_from_path(component, component="learner_group")
    assert np.array_equal(algorithm.act(probe), actions[0])
    assert not np.array_equal(*actions)


def test_two_remote_runners_share_a_round(build: Any, small: Small, tmp_path: Path) -> None:
    algorithm = build(small("RandomStart").env_runners(num_env_runners=2))
    result = algorithm.train()
    assert result["episodes_done"] == 2
    assert len(set(result["episode_rewards"])) == 2
    algorithm.save_to_path(tmp_path)
    expected = train(algorithm, 2)
    algorithm.restore_from_path(tmp_path)
    assert train(algorithm, 2) == expected
    sigmas = algorithm.env_runner_group.foreach_env_runner(lambda r: r.module.sigma.item())
    assert sigmas == [pytest.approx(expected[-1][1])] * 3


def test_too_many_runners_are_refused_before_anything_waits(small: Small) -> None:
    with pytest.raises(SpecError, match="num_env_runners"):
        small().env_runners(num_env_runners=9).build_algo()


@pytest.mark.parametrize("runners", [0, 1])
def test_an_environment_that_always_fails_ends_the_round(
    build: Any, small: Small, runners: int
) -> None:
    config = small("Broken").environment(env_config={"fault": "step"})
    algorithm = build(config.env_runners(num_env_runners=runners))
    with pytest.raises(StageError, match="failed 3 times"):
        algorithm.train()


def test_a_reward_that_is_no_number_stops_the_run(build: Any, small: Small) -> None:
    algorithm = build(small("Broken").environment(env_config={"fault": "reward"}))
    with pytest.raises(NonFiniteRewardError):
        algorithm.train()


def test_divergence_stops_the_run(build: Any, small: Small) -> None:
    algorithm = build(small(actor_lr=float("inf")))
    with pytest.raises(StageError, match="diverged"):
        algorithm.train()
