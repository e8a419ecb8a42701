"""The job of a classifier or a regression: search, prune, finetune, evaluate, publish, show."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property, partial

from agents.task import PruningTask, prepare
from search import cutting, evaluated_runs, model_card, stages
from search.evaluate import evaluate
from search.home import Home
from search.progress import Progress
from search.reports import illustrated, lines, report, story
from search.show import show
from search.staged import StagedJob
from search.stages import Workshop
from secateur import artifacts
from secateur.data import Dataset
from secateur.records import (
    Evaluation,
    FinetuneResult,
    PruningResult,
    Publication,
    SearchResult,
)
from secateur.spec import JobSpec


class Job(StagedJob):
    """A job whose networks answer.

    Args:
        spec: what to do.
        data: what to learn from.
        home: where to keep it.
        progress: what a person sees.
    """

    def __init__(self, spec: JobSpec, data: Dataset, home: Home, progress: Progress) -> None:
        super().__init__(spec, data, home, progress, story.told)
        self._shop = Workshop(spec, self._ledger.folder, data.development, self._tracker, progress)

    def show(self, publication: Publication) -> None:
        """Serve what was published and classify some test images over HTTP."""
        show(
            publication.name,
            publication.alias,
            self._home,
            self._data.test,
            self._data.labels,
            self._shop.spec.show,
            self._progress,
        )

    def _stages(self) -> Publication:
        shop = self._shop
        self._searched = self._stage(
            "search", SearchResult, partial(stages.search, shop), lines.search_line
        )
        pruned, tuned = self._compressed() if shop.spec.prune is not None else ((), ())
        evaluation = self._stage(
            "evaluate", Evaluation, partial(self._evaluate, tuned), lines.evaluate_line
        )
        self._illustrate(pruned, evaluation)
        try:
            return self._published(
                lambda run: stages.publish(
                    shop, run, self._searched, evaluation, self._data, self._registry
                )
            )
        finally:
            self._report()

    def _compressed(self) -> tuple[tuple[PruningResult, ...], tuple[FinetuneResult, ...]]:
        """What the agents cut, and what became of it."""
        shop = self._shop
        pruned = self._stage(
            "prune", tuple[PruningResult, ...], lambda run: cutting.prune(shop, run, self._task),
            lines.prune_line,
        )  # fmt: skip
        tuned = self._stage(
            "finetune",
            tuple[FinetuneResult, ...],
            lambda run: stages.recover(shop, run, self._searched, self._task, pruned),
            lines.finetune_line,
        )
        return pruned, tuned

    def _evaluate(self, tuned: Sequence[FinetuneResult], run: str) -> Evaluation:
        shop, data = self._shop, self._data
        evaluation = evaluate(
            shop.spec.publish, self._searched, tuned, data.train, data.test, shop.folder, data.task
        )
        evaluated_runs.track(
            self._tracker, run, evaluation, lambda model: {shop.score: model.validation_accuracy}
        )
        return evaluation

    @cached_property
    def _task(self) -> PruningTask:
        """The searched network, ready to be pruned."""
        network, content = artifacts.load(self._shop.folder / self._searched.artifact)
        spec, shape = self._shop.spec, content.architecture.input_shape
        recipe = self._searched.best.recipe
        assert spec.prune is not None
        return prepare(spec.prune, network, shape, self._shop.development, spec.seed, recipe)

    def _illustrate(self, pruned: Sequence[PruningResult], evaluation: Evaluation) -> None:
        """Pictures, in the job's folder and with its run."""
        self._tracker.log(self._chronicle.run, model_card.figures_of(evaluation))
        evaluated_runs.crown(self._tracker, pruned, evaluation.champion.target)
        for picture in illustrated.draw(self._ledger):
            self._tracker.attach(self._chronicle.run, picture.file, "pictures")

    def _report(self) -> None:
        """The page about the job, in its folder and with its run."""
        for file in report.write(self._ledger):
            self._tracker.attach(self._chronicle.run, file)
