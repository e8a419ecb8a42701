"""The stages of a job, each from records to a record, tracked and displayed."""

from __future__ import annotations

from collections import defaultdict

from agents.task import PruningTask
from search import evaluated_runs, finetune, model_card, parameters, run_keys, tuner
from search.cutting import AGENTS
from search.journal import SearchJournal
from search.ledger import Ledger
from search.listeners import Listeners
from search.reports import lines
from search.reports.figures import target_name
from search.shop import Shop
from search.space import Point, realise, starts_from
from search.watch import EpochWatch, TrialWatch
from secateur import gate
from secateur.data import Dataset
from secateur.records import (
    Architecture,
    EpochMetrics,
    Evaluation,
    FinetuneResult,
    PruningResult,
    Publication,
    Recipe,
    SearchResult,
)
from secateur.spec import JobSpec, RecoverySpec
from secateur.tracking import names
from secateur.tracking.registry import Registry


class Workshop(Shop[JobSpec]):
    """That of a job of a classifier or a regression."""

    @property
    def score(self) -> str:
        """The task's score on the validation split."""
        return names.validation_score(self.development.task.kind)

    def realised(self, point: Point) -> tuple[Architecture, Recipe]:
        """As ``Shop``."""
        shape, outputs = self.development.input_shape, self.development.outputs
        return realise(self.spec, point, shape, outputs)


def search(shop: Workshop, run: str) -> SearchResult:
    """Train the trials and save the best network."""
    spec = shop.spec.search
    start = tuner.known(shop.spec, shop.development, shop.folder)
    if start.first:
        shop.progress.line(lines.start_line(str(spec.warm_start), start))
    journal = SearchJournal(shop.tracker, run, shop.score, shop.parameters)
    with shop.progress.live(spec.budget) as live:
        listeners = Listeners(journal, TrialWatch(live, spec.most, shop.network))
        result = tuner.search(
            shop.spec,
            shop.development,
            shop.folder,
            listeners,
            start,
            live.budget,
            shop.progress.line,
        )
    if result.stopped_by != "trials":
        shop.tracker.tag(run, {names.STOP_REASON: result.stopped_by})
    shop.tracker.log(run, {shop.score: result.best.accuracy or 0.0})
    evaluated_runs.crown_trial(shop.tracker, result.best.number)
    return result


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
    runs = {result.target: _start_recovery(shop, run, result.target, spec) for result in pruned}
    dense = searched.best.architecture
    start = starts_from(shop.spec, dense.name)
    work = finetune.FinetuneTask(spec, dense, task, shop.folder / AGENTS, start)
    length = spec.length(searched.best.recipe.epochs)
    epochs: dict[float, list[EpochMetrics]] = defaultdict(list)
    with shop.progress.live() as live:
        targets = [result.target for result in pruned]
        watch = EpochWatch(live, targets, length, spec.gpus)
        for target, metrics in finetune.run(
            work, pruned, shop.folder, shop.limits, shop.progress.line
        ):
            epochs[target].append(metrics)
            shop.tracker.log(runs[target], epoch_metrics(metrics, shop.score), metrics.epoch)
            watch.trained(target, metrics)
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


def publish(
    shop: Workshop,
    run: str,
    searched: SearchResult,
    evaluation: Evaluation,
    data: Dataset,
    registry: Registry,
) -> Publication:
    """Register the champion, under the alias that the job asks for, if the gate holds."""
    spec, name, champion = shop.spec.publish, shop.spec.model_name, evaluation.champion
    misses = gate.failures(spec, evaluation.dense.figures, champion.figures)
    if misses:
        return Publication(name=name, version=None, failures=misses)
    run_id = shop.tracker.run_id
    card = model_card.card(
        Ledger(shop.folder),
        data,
        job=run_id(run_keys.JOB),
        trained=run_id(run_keys.trial(searched.best.number)),
    )
    version = registry.publish(
        run_id(run), name, shop.folder / champion.artifact, card, spec.bounds(), spec.alias
    )
    return Publication(name=name, version=version, alias=spec.alias)


def epoch_metrics(metrics: EpochMetrics, score: str) -> dict[str, float]:
    """An epoch in the vocabulary of the tracker, which calls the task's score ``score``."""
    return {
        names.TRAIN_LOSS: metrics.train_loss,
        names.VALIDATION_LOSS: metrics.validation_loss,
        score: metrics.validation_accuracy,
    }


def _start_recovery(shop: Workshop, run: str, target: float, spec: RecoverySpec) -> str:
    return shop.tracker.start(
        run_keys.recovery(target),
        name=f"finetune {target_name(target)}",
        parent=run,
        parameters={
            names.TARGET: target,
            **parameters.flat(spec.model_dump(mode="json"), "finetune"),
        },
        tags={names.STAGE: "finetune"},
    )
