"""The pruning stage: agents play, tracked and displayed, and their best policies are chosen."""

from __future__ import annotations

from typing import Any

from agents import runner
from agents.task import PruningTask
from search import parameters, run_keys
from search.reports.figures import target_name
from search.shop import Shop
from search.watch import AgentWatch, Best
from secateur.compression.policy import flops_budget
from secateur.records import Episode, PruningResult
from secateur.tracking import names

AGENTS = "agents"
"""Folder of the agents in a job's."""


def prune(shop: Shop[Any], run: str, task: PruningTask) -> tuple[PruningResult, ...]:
    """Let the agents of all targets and seeds play, and choose each target's best policy."""
    spec = task.spec
    agents = [(target, seed) for target in spec.targets for seed in runner.seeds(task)]
    runs = {agent: _start_agent(shop, run, task, *agent) for agent in agents}
    played: dict[tuple[float, int], list[Episode]] = {agent: [] for agent in agents}
    best = {agent: Best(flops_budget(task.cost, agent[0])) for agent in agents}
    with shop.progress.live(spec.budget) as live:
        watch = AgentWatch(live, task)
        folder, tell = shop.folder / AGENTS, shop.progress.line
        for target, episode in runner.run(task, folder, shop.limits, tell):
            agent = (target, episode.seed)
            played[agent].append(episode)
            reward = best[agent].see(episode).reward
            shop.tracker.log(runs[agent], _episode_metrics(task, episode, reward), episode.number)
            watch.played(target, episode)
        by_target = {
            target: [episode for agent in agents if agent[0] == target for episode in played[agent]]
            for target in spec.targets
        }
        results = runner.decide(task, by_target, folder, shop.limits, tell)
    for result in results:
        shop.tracker.log(
            runs[result.target, result.seed],
            {shop.score: result.accuracy, names.FLOPS: result.flops},
        )
    bounds = {result.target: result.stopped_by for result in results}
    for (target, seed), tracked in runs.items():
        whole = len(played[target, seed]) == spec.episodes or bounds[target] == "episodes"
        shop.tracker.end(tracked, reason=None if whole else bounds[target])
    return results


def _episode_metrics(task: PruningTask, episode: Episode, best: float) -> dict[str, float]:
    dense = task.dense_flops
    return {
        names.REWARD: episode.reward,
        names.BEST_REWARD: best,
        names.NOISE: episode.noise,
        names.FLOPS_CUT: 1 - episode.flops / dense,
    }


def _start_agent(shop: Shop[Any], run: str, task: PruningTask, target: float, seed: int) -> str:
    return shop.tracker.start(
        run_keys.agent(target, seed),
        name=f"prune {target_name(target)} seed {seed}",
        parent=run,
        parameters={
            names.TARGET: target,
            names.SEED: seed,
            **parameters.flat(task.spec.agent.model_dump(mode="json"), "prune.agent"),
        },
        tags={names.STAGE: "prune"},
    )
