"""The DDPG agent as a stream of episodes, resumable."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

from ray.tune.registry import register_env

from agents import carry_over
from agents.actions import READINGS
from agents.allowance import Enough, never
from agents.ddpg import DDPG, DDPGConfig
from agents.ddpg.encoder import GraphLayout
from agents.embedding import Embedding, LayerEmbedding
from agents.embedding_graph import NODE_FEATURES, GraphEmbedding, edges
from agents.environment import Evaluate, PruningEnv
from agents.journal import EPISODES, read_episodes, write_episodes
from agents.problem import PruningProblem
from agents.ranked import RankedEpisodes
from agents.resources import own_gpus
from agents.shared import SharedEvaluation
from agents.threshold import global_threshold, relative
from secateur.compression.policy import uniform
from secateur.records import Episode
from secateur.scratch import scratch
from secateur.spec import DDPGSpec

SAVE_EVERY = 10
_HERE: dict[str, Callable[[], PruningEnv]] = {}


def episodes(
    spec: DDPGSpec,
    problem: PruningProblem,
    evaluate: Evaluate,
    budget: int,
    seed: int,
    state: Path,
    enough: Enough = never,
) -> Iterator[Episode]:
    """Play ``budget`` episodes; those of an interrupted run come first, from its state.

    Args:
        spec: of the agent.
        problem: what is to be pruned, and how far.
        evaluate: reward of a complete policy.
        budget: episodes in all.
        seed: of weights, noise and replay.
        state: folder for the agent's checkpoints.
        enough: asked between rounds; no more are begun once it says so.

    Raises:
        SpecError: nothing to start from, or fewer CPUs than runners.
    """
    algorithm = _config(spec, problem, evaluate, budget, seed).build_algo()
    try:
        done = _restore(algorithm, state)
        if not done and spec.start_from is not None:
            carry_over.start(algorithm, spec.start_from, state)
        yield from done
        saved = len(done)
        while len(done) < budget and not (done and enough()):
            before = len(done)
            done += _play(algorithm, before)
            if len(done) // SAVE_EVERY > before // SAVE_EVERY or len(done) == budget:
                _save(algorithm, done, state)
                saved = len(done)
            yield from done[before:]
        if len(done) > saved:
            _save(algorithm, done, state)
    finally:
        algorithm.stop()


def _config(
    spec: DDPGSpec, problem: PruningProblem, evaluate: Evaluate, budget: int, seed: int
) -> DDPGConfig:
    embedding, graph = _state(spec, problem)
    actions = READINGS[spec.actions](problem)
    remote = spec.runners if spec.runners > 1 else 0
    judge = SharedEvaluation.of(evaluate) if remote else evaluate
    name = f"pruning-{problem.target:g}"
    _register(name, partial(PruningEnv, problem, judge, actions, embedding), copied=remote > 0)
    config: DDPGConfig = (
        DDPGConfig()
        .environment(name)
        .env_runners(
            num_env_runners=remote,
            # Of the seat of the task that this agent is, see ``agents.seats``.
            num_cpus_per_env_runner=1,
            num_gpus_per_env_runner=own_gpus() if remote else 0,
        )
        .debugging(seed=seed, log_level="ERROR")
        .training(
            actor_lr=spec.actor_learning_rate,
            critic_lr=spec.critic_learning_rate,
            hidden=spec.hidden,
            updates_per_step=spec.updates,
            total_episodes=budget,
            graph=graph,
            **_noise(spec, budget),
        )
    )
    if spec.imagined:
        ranked = partial(RankedEpisodes, problem, actions, embedding, spec.imagined, known(problem))
        config.training(planner=ranked)
    return config


def _noise(spec: DDPGSpec, budget: int) -> dict[str, Any]:
    """Width of the noise, and how many episodes each of its phases takes of the budget."""
    warmup = 0 if spec.start_from else round(spec.warmup * budget)
    # Two shares that leave nothing to the decay may both be rounded up.
    constant = min(round(spec.constant * budget), budget - warmup)
    return {
        "sigma": spec.noise,
        "sigma_final": spec.noise_final,
        "warmup_episodes": warmup,
        "constant_episodes": constant,
        "decay_episodes": budget - warmup - constant,
    }


def _register(name: str, make: Callable[[], PruningEnv], *, copied: bool) -> None:
    """Let RLlib build the environment by name.

    What it is made of rides in the registered function, since an object reference in
    ``env_config`` would abort the driver when a checkpoint of another session is restored.
    Ray pickles that function; in the agent's own process, where the evaluation must stay
    the one that the caller holds, it only names what is kept here.
    """
    if copied:
        register_env(name, lambda _: make())
    else:
        _HERE[name] = make
        register_env(name, partial(_made_here, name))


def _made_here(name: str, _config: object) -> PruningEnv:
    return _HERE[name]()


def _state(spec: DDPGSpec, problem: PruningProblem) -> tuple[Embedding, GraphLayout | None]:
    """What the agent sees, and how its networks are to read it."""
    if spec.state == "layers":
        return LayerEmbedding(problem), None
    layout = GraphLayout(
        nodes=len(problem.groups),
        features=len(NODE_FEATURES),
        edges=edges(problem.groups),
        pointer=NODE_FEATURES.index("is_next"),
    )
    return GraphEmbedding(problem), layout


def known(problem: PruningProblem) -> tuple[tuple[int, ...], ...]:
    """Policies that need no search, to begin with: uniform, and one threshold on L1 norms."""
    even = uniform(problem.limits, problem.allowed)
    if "l1" not in problem.criteria:
        return (even,)
    return even, global_threshold(relative(problem.criteria["l1"]), problem)


def _play(algorithm: DDPG, number: int) -> list[Episode]:
    """One round: an episode of each runner."""
    noise = algorithm.config.noise_schedule().sigma_at(number)
    result = algorithm.train()
    return [
        Episode(
            number=number + place,
            widths=info["widths"],
            reward=reward,
            flops=info["flops"],
            noise=noise,
        )
        for place, (reward, info) in enumerate(
            zip(result["episode_rewards"], result["episode_infos"], strict=True)
        )
    ]


def _save(algorithm: DDPG, done: list[Episode], state: Path) -> None:
    """Write agent and episodes together; only a whole checkpoint takes the final name."""
    state.mkdir(parents=True, exist_ok=True)
    whole = state / f"episodes-{len(done):06d}"
    unfinished = scratch(whole)
    try:
        algorithm.save_to_path(str(unfinished.absolute()))
        write_episodes(unfinished / EPISODES, done)
        unfinished.rename(whole)
    except OSError:
        # An attempt that was given up came to the same episodes, and has kept them.
        if not whole.is_dir():
            raise
    finally:
        shutil.rmtree(unfinished, ignore_errors=True)
    carry_over.save(algorithm, state)
    # The one before stays: another attempt may just be reading it.
    for folder in [older for older in _saved(state) if older < whole][:-1]:
        shutil.rmtree(folder, ignore_errors=True)


def _restore(algorithm: DDPG, state: Path) -> list[Episode]:
    saved = _saved(state)
    if not saved:
        return []
    algorithm.restore_from_path(str(saved[-1].absolute()))
    return read_episodes(saved[-1] / EPISODES)


def _saved(state: Path) -> list[Path]:
    # The episodes are written last: without them a copy of the folder was not yet whole.
    return sorted(file.parent for file in state.glob(f"episodes-*/{EPISODES}"))
