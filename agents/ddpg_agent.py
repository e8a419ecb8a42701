"""The DDPG agent as a stream of episodes, resumable."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

from pydantic import TypeAdapter
from ray.tune.registry import register_env

from agents.ddpg import DDPG, DDPGConfig
from agents.environment import Evaluate, PruningEnv
from agents.problem import PruningProblem
from secateur.records import Episode
from secateur.spec import DDPGSpec

SAVE_EVERY = 10
_EPISODES = TypeAdapter(list[Episode])


def episodes(
    spec: DDPGSpec, problem: PruningProblem, evaluate: Evaluate, budget: int, seed: int, state: Path
) -> Iterator[Episode]:
    """Play ``budget`` episodes; those of an interrupted run come first, from its state.

    Args:
        spec: of the agent.
        problem: what is to be pruned, and how far.
        evaluate: reward of a complete policy.
        budget: episodes in all.
        seed: of weights, noise and replay.
        state: folder for the agent's checkpoints.
    """
    algorithm = _config(spec, problem, evaluate, budget, seed).build_algo()
    try:
        done = _restore(algorithm, state)
        yield from done
        while len(done) < budget:
            done.append(_play(algorithm, len(done)))
            if len(done) % SAVE_EVERY == 0:
                _save(algorithm, done, state)
            yield done[-1]
    finally:
        algorithm.stop()


def _config(
    spec: DDPGSpec, problem: PruningProblem, evaluate: Evaluate, budget: int, seed: int
) -> DDPGConfig:
    # The problem rides in the closure: an object reference in env_config would abort the
    # driver when a checkpoint of another session is restored.
    name = f"pruning-{problem.target}"
    register_env(name, lambda _: PruningEnv(problem, evaluate))
    warmup, constant = round(spec.warmup * budget), round(spec.constant * budget)
    config: DDPGConfig = (
        DDPGConfig()
        .environment(name)
        .env_runners(num_env_runners=0)
        .debugging(seed=seed, log_level="ERROR")
        .training(
            actor_lr=spec.actor_learning_rate,
            critic_lr=spec.critic_learning_rate,
            sigma=spec.noise,
            sigma_final=spec.noise_final,
            warmup_episodes=warmup,
            constant_episodes=constant,
            decay_episodes=budget - warmup - constant,
            updates_per_step=spec.updates,
        )
    )
    return config


def _play(algorithm: DDPG, number: int) -> Episode:
    noise = algorithm.config.noise_schedule().sigma_at(number)
    result = algorithm.train()
    (info,) = result["episode_infos"]
    return Episode(
        number=number,
        widths=info["widths"],
        reward=result["episode_reward"],
        flops=info["flops"],
        noise=noise,
    )


def _save(algorithm: DDPG, done: list[Episode], state: Path) -> None:
    """Write agent and episodes together; only a whole checkpoint takes the final name."""
    state.mkdir(parents=True, exist_ok=True)
    partial = state / f"partial-{os.getpid()}"
    algorithm.save_to_path(str(partial.absolute()))
    (partial / "episodes.json").write_bytes(_EPISODES.dump_json(done))
    older = _saved(state)
    partial.rename(state / f"episodes-{len(done):06d}")
    for folder in older:
        shutil.rmtree(folder)


def _restore(algorithm: DDPG, state: Path) -> list[Episode]:
    saved = _saved(state)
    if not saved:
        return []
    algorithm.restore_from_path(str(saved[-1].absolute()))
    return _EPISODES.validate_json((saved[-1] / "episodes.json").read_bytes())


def _saved(state: Path) -> list[Path]:
    return sorted(state.glob("episodes-*"))
