"""The stages of a job, each from records to a record, tracked and displayed."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from agents import runner
from agents.task import PruningTask
from search import finetune, report, tuner
from search.journal import SearchJournal
from search.progress import Progress
from search.space import starts_from
from secateur import gate
from secateur.compression.policy import flops_budget
from secateur.data import Development
from secateur.records import (
    Episode,
    EpochMetrics,
    Evaluation,
    FinetuneResult,
    PruningResult,
    Publication,
    SearchResult,
)
from secateur.spec import JobSpec
from secateur.tracking import names
from secateur.tracking.port import Tracker
from secateur.tracking.registry import Registry

AGENTS = "agents"
"""Folder of the agents in a job's."""


@dataclass(frozen=True)
class Workshop:
    """What every stage of one job works with.

    Attributes:
        spec: the job.
        folder: of the job.
        development: training and validation split; no stage before the evaluation has more.
        tracker: takes the runs.
        progress: what a person sees.
    """

    spec: JobSpec
    folder: Path
    development: Development
    tracker: Tracker
    progress: Progress

    @property
    def score(self) -> str:
        """What the tracker calls the task's score on the validation split."""
        return names.validation_score(self.development.task.kind)


def search(shop: Workshop, run: str) -> SearchResult:
    """Train the trials and save the best network."""
    spec = shop.spec.search
    start = tuner.known(shop.spec, shop.development, shop.folder)
    if start.first:
        shop.progress.line(report.start_line(str(spec.warm_start), start))
    bar = shop.progress.bar("search", spec.trials, "trials")
    try:
        journal = SearchJournal(shop.tracker, run, bar, shop.score)
        result = tuner.search(shop.spec, shop.development, shop.folder, journal, start)
    finally:
        bar.close()
    shop.tracker.log(run, {shop.score: result.best.accuracy or 0.0})
    return result


def prune(shop: Workshop, run: str, task: PruningTask) -> tuple[PruningResult, ...]:
    """Let the agents of all targets and seeds play, and choose each target's best policy."""
    spec = task.spec
    agents = [(target, seed) for target in spec.targets for seed in runner.seeds(task)]
    runs = {agent: _start_agent(shop, run, *agent) for agent in agents}
    bar = shop.progress.bar("prune", len(agents) * spec.episodes, "episodes")
    played: dict[tuple[float, int], list[Episode]] = {agent: [] for agent in agents}
    try:
        for target, episode in runner.run(task, shop.folder / AGENTS):
            agent = (target, episode.seed)
            played[agent].append(episode)
            best = _best(task, target, played[agent])
            shop.tracker.log(runs[agent], _episode_metrics(task, episode, best), episode.number)
            bar.update(sum(map(len, played.values())), f"best {_best_rewards(task, played)}")
        by_target = {
            target: [episode for agent in agents if agent[0] == target for episode in played[agent]]
            for target in spec.targets
        }
        results = runner.decide(task, by_target, shop.folder / AGENTS)
    finally:
        bar.close()
    for result in results:
        shop.tracker.log(
            runs[result.target, result.seed],
            {shop.score: result.accuracy, names.FLOPS: result.flops},
        )
    for tracked in runs.values():
        shop.tracker.end(tracked)
    return results


def recover(
    shop: Workshop,
    run: str,
    searched: SearchResult,
    task: PruningTask,
    pruned: tuple[PruningResult, ...],
) -> tuple[FinetuneResult, ...]:
    """Let every pruned network recover, by the method of the spec, and save it."""
    spec = shop.spec.finetune
    assert spec is not None, "a job that prunes says how to recover"
    runs = {
        result.target: _start_target(shop, run, "finetune", result.target, spec.model_dump())
        for result in pruned
    }
    dense = searched.best.architecture
    weights = starts_from(shop.spec, dense.name).weights
    work = finetune.FinetuneTask(spec, dense, task, shop.folder / AGENTS, weights)
    length = spec.length(searched.best.recipe.epochs)
    bar = shop.progress.bar("finetune", len(pruned) * length, "epochs")
    epochs: dict[float, list[EpochMetrics]] = defaultdict(list)
    try:
        for target, metrics in finetune.run(work, pruned, shop.folder):
            epochs[target].append(metrics)
            shop.tracker.log(runs[target], epoch_metrics(metrics, shop.score), metrics.epoch)
            note = "  ".join(
                f"-{other:.0%}: {epochs[other][-1].validation_accuracy:.1%}"
                for other in sorted(epochs)
            )
            bar.update(sum(map(len, epochs.values())), note)
    finally:
        bar.close()
    for tracked in runs.values():
        shop.tracker.end(tracked)
    return tuple(
        FinetuneResult(
            target=result.target,
            artifact=finetune.model_folder(result.target),
            accuracy=epochs[result.target][-1].validation_accuracy,
            epochs=tuple(epochs[result.target]),
        )
        for result in pruned
    )


def publish(shop: Workshop, run: str, evaluation: Evaluation, registry: Registry) -> Publication:
    """Register the champion, under the alias that the job asks for, if the gate holds."""
    spec, name, champion = shop.spec.publish, shop.spec.model_name, evaluation.champion
    misses = gate.failures(spec, evaluation.dense.figures, champion.figures)
    if misses:
        return Publication(name=name, version=None, failures=misses)
    tags = {
        "job": shop.spec.name,
        "target": f"{champion.target:g}",
        names.FLOPS: str(champion.figures.flops),
        **{
            key: f"{value:.6f}"
            for key, value in (
                names.test_figures(champion.figures) | int8_metrics(evaluation)
            ).items()
        },
    }
    version = registry.publish(
        run, name, shop.folder / champion.artifact, tags, gate=spec.bounds(), alias=spec.alias
    )
    return Publication(name=name, version=version, alias=spec.alias)


def epoch_metrics(metrics: EpochMetrics, score: str) -> dict[str, float]:
    """An epoch in the vocabulary of the tracker, which calls the task's score ``score``."""
    return {
        names.TRAIN_LOSS: metrics.train_loss,
        names.VALIDATION_LOSS: metrics.validation_loss,
        score: metrics.validation_accuracy,
    }


def figures_metrics(evaluation: Evaluation) -> dict[str, float]:
    """The champion's figures in the vocabulary of the tracker."""
    figures, dense = evaluation.champion.figures, evaluation.dense.figures
    return {
        **names.test_figures(figures),
        names.FLOPS: figures.flops,
        names.FLOPS_CUT: 1 - figures.flops / dense.flops,
        names.PARAMETERS: figures.parameters,
        names.SIZE_BYTES: figures.size_bytes,
        names.LATENCY_MS: figures.latency_ms,
        **int8_metrics(evaluation),
    }


def int8_metrics(evaluation: Evaluation) -> dict[str, float]:
    """Those of the variant in 8-bit integers, where one is published."""
    int8 = evaluation.int8
    if int8 is None or int8.failures:
        return {}
    return {names.INT8_TEST_ACCURACY: int8.figures.accuracy}


def _best(task: PruningTask, target: float, episodes: Sequence[Episode]) -> float:
    """The best reward at the FLOPs of the target, or before a later stage reaches them."""
    budget = flops_budget(task.cost, target)
    there = [episode.reward for episode in episodes if episode.flops <= budget]
    return max(there or [episode.reward for episode in episodes])


def _episode_metrics(task: PruningTask, episode: Episode, best: float) -> dict[str, float]:
    dense = task.dense_flops
    return {
        names.REWARD: episode.reward,
        names.BEST_REWARD: best,
        names.NOISE: episode.noise,
        names.FLOPS_CUT: 1 - episode.flops / dense,
    }


def _best_rewards(task: PruningTask, played: dict[tuple[float, int], list[Episode]]) -> str:
    """The best reward of each target so far, for people."""
    by_target: dict[float, list[Episode]] = defaultdict(list)
    for (target, _), episodes in sorted(played.items()):
        by_target[target] += episodes
    return "  ".join(
        f"-{target:.0%}: {_best(task, target, episodes):.1%}"
        for target, episodes in by_target.items()
        if episodes
    )


def _start_agent(shop: Workshop, run: str, target: float, seed: int) -> str:
    spec = shop.spec.prune
    assert spec is not None
    return shop.tracker.start(
        f"prune/{target:g}/{seed}",
        name=f"prune FLOPs -{target:.0%} seed {seed}",
        parent=run,
        parameters={
            "target": target,
            "seed": seed,
            **{key: str(value) for key, value in spec.agent.model_dump().items()},
        },
        tags={names.STAGE: "prune"},
    )


def _start_target(
    shop: Workshop, run: str, stage: str, target: float, parameters: dict[str, object]
) -> str:
    return shop.tracker.start(
        f"{stage}/{target:g}",
        name=f"{stage} FLOPs -{target:.0%}",
        parent=run,
        parameters={"target": target, **{key: str(value) for key, value in parameters.items()}},
        tags={names.STAGE: stage},
    )
