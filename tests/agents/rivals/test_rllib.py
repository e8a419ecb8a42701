"""RLlib's own algorithms on the pruning environment."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from ray.rllib.algorithms.dqn.dqn import calculate_rr_weights

from agents.problem import PruningProblem
from agents.rivals import ppo, sac
from secateur.spec import PPOSpec, SACSpec


def test_ppo_learns_from_whole_rounds() -> None:
    config = ppo.configure(PPOSpec(rollout=5, epochs=3), 12, 100)
    assert config.train_batch_size_per_learner == 60
    assert config.minibatch_size == 60
    assert config.num_epochs == 3


def test_sac_updates_once_a_step_after_its_warm_up() -> None:
    config = sac.configure(SACSpec(warmup=0.1), 12, 100)
    assert calculate_rr_weights(config) == [1, 12]
    assert config.num_steps_sampled_before_learning_starts == 120


@pytest.mark.usefixtures("ray_session")
def test_an_evaluation_that_draws_random_numbers_does_not_change_the_run(
    problem: PruningProblem, tmp_path: Path
) -> None:
    def noisy(widths: tuple[int, ...]) -> float:
        torch.rand(3)
        return widths[0] / 8

    spec = PPOSpec(rollout=4)
    quiet = list(ppo.episodes(spec, problem, lambda widths: widths[0] / 8, 9, 0, tmp_path / "a"))
    assert list(ppo.episodes(spec, problem, noisy, 9, 0, tmp_path / "b")) == quiet
