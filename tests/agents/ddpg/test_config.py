from __future__ import annotations

import pytest

from agents.ddpg import DDPGConfig
from agents.ddpg.cpus import check_cpus
from secateur.errors import SpecError


def test_the_defaults_are_the_published_settings() -> None:
    config = DDPGConfig()
    config.validate()
    assert (config.actor_lr, config.critic_lr, config.tau, config.gamma) == (1e-4, 1e-3, 0.01, 1.0)
    assert (config.minibatch_size, config.hidden, config.replay_episodes) == (64, (300, 300), 100)
    assert not config.normalize_actions
    assert config.batch_mode == "complete_episodes"


def test_slow_episodes_count_and_lost_runners_come_back_at_once() -> None:
    config = DDPGConfig()
    # By RLlib's defaults an evaluation of more than a minute is thrown away, and an environment
    # that raised stalls its round for another.
    assert config.sample_timeout_s == 600
    assert config.delay_between_env_runner_restarts_s == 0
    assert config.restart_failed_sub_environments


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("actor_lr", 0.0),
        ("critic_lr", float("nan")),
        ("tau", 0.0),
        ("gamma", 1.5),
        ("minibatch_size", 0),
        ("hidden", ()),
        ("replay_episodes", 0),
        ("updates_per_step", 0.5),
        ("baseline_decay", -0.1),
        ("sigma", -1.0),
        ("warmup_episodes", -1),
    ],
)
def test_a_setting_out_of_range_is_named(field: str, value: object) -> None:
    with pytest.raises(SpecError, match=f"^{field}: "):
        DDPGConfig().training(**{field: value}).validate()


def test_layouts_that_would_learn_something_else_are_refused() -> None:
    for config in (
        DDPGConfig().env_runners(num_envs_per_env_runner=2),
        DDPGConfig().environment(normalize_actions=True),
        DDPGConfig().learners(num_learners=1),
    ):
        with pytest.raises(SpecError):
            config.validate()


def test_more_runners_than_cpus_are_refused_at_once() -> None:
    check_cpus(env_runners=3, cpus_each=1)
    with pytest.raises(SpecError, match="at most 3 at 1 CPUs each"):
        check_cpus(env_runners=4, cpus_each=1)
