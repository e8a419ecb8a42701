"""The only place that composes stages: search, prune, finetune, evaluate, publish, show."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cached_property, partial
from typing import TypeVar

from agents.task import PruningTask, prepare
from search import evaluated_runs, model_card, stages
from search.chronicle import Chronicle, reason
from search.evaluate import evaluate
from search.home import Home
from search.ledger import Ledger
from search.progress import Progress
from search.reports import illustrated, lines, report
from search.show import show
from search.stages import Workshop
from search.tracking import tracker
from secateur import artifacts
from secateur.data import Dataset
from secateur.errors import RegistryUnreachableError, TrackingError
from secateur.records import (
    Evaluation,
    FinetuneResult,
    PruningResult,
    Publication,
    SearchResult,
)
from secateur.spec import JobSpec
from secateur.tracking import names
from secateur.tracking.registry import Registry

T = TypeVar("T")


class Job:
    """One job on the Ray that this process is connected to.

    Every stage writes its record before the next begins; a job that is run again goes on
    from the first stage without one.

    Args:
        spec: what to do.
        data: what to learn from.
        home: where to keep it.
        progress: what a person sees.
    """

    def __init__(self, spec: JobSpec, data: Dataset, home: Home, progress: Progress) -> None:
        self._data, self._home = data, home
        self._ledger = Ledger(home.job(spec.name))
        self._tracker = tracker(home, self._ledger, progress.line)
        self._shop = Workshop(spec, self._ledger.folder, data.development, self._tracker, progress)

    def run(self) -> Publication:
        """Do every stage that is not done yet.

        Raises:
            KeyboardInterrupt: the job was interrupted; what was done is kept.
            SecateurError: a stage could not finish; what was done before it is kept.
        """
        if self._data.skipped:
            self._shop.progress.line(lines.skipped_line(self._data.skipped))
        self._chronicle = Chronicle(self._shop.spec, self._data, self._ledger, self._tracker)
        try:
            with self._chronicle.running():
                publication = self._stages()
        except BaseException as error:
            stopped = isinstance(error, KeyboardInterrupt)
            self._tracker.end_all("KILLED" if stopped else "FAILED", reason(error))
            raise
        else:
            self._tracker.end_all("FINISHED")
            return publication
        finally:
            self._tracker.close()

    def show(self, publication: Publication) -> None:
        """Serve what was published and classify some test images over HTTP."""
        show(
            publication.name,
            publication.alias,
            self._home,
            self._data.test,
            self._data.labels,
            self._shop.spec.show,
            self._shop.progress,
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
        registry = Registry(self._home.tracking_uri)
        try:
            publication = self._stage(
                "publish",
                Publication,
                partial(self._publish, evaluation, registry),
                lines.publish_line,
            )
        finally:
            self._report()
        self._chronicle.published(publication)
        return publication

    def _compressed(self) -> tuple[tuple[PruningResult, ...], tuple[FinetuneResult, ...]]:
        """What the agents cut, and what became of it."""
        shop = self._shop
        pruned = self._stage(
            "prune", tuple[PruningResult, ...], lambda run: stages.prune(shop, run, self._task),
            lines.prune_line,
        )  # fmt: skip
        tuned = self._stage(
            "finetune",
            tuple[FinetuneResult, ...],
            lambda run: stages.recover(shop, run, self._searched, self._task, pruned),
            lines.finetune_line,
        )
        return pruned, tuned

    def _stage(
        self, name: str, kind: type[T], compute: Callable[[str], T], summary: Callable[[T], str]
    ) -> T:
        """The record of a stage, kept or made, with one line for people."""
        record = self._ledger.read(name, kind)
        if record is not None:
            self._shop.progress.kept(name, summary(record))
            return record
        self._shop.progress.begin(name)
        run = self._tracker.start(
            name, name=name, parent=self._chronicle.run, tags={names.STAGE: name}
        )
        with self._chronicle.stage(name, run):
            record = compute(run)
        self._tracker.tag(run, {names.NOTE: summary(record)})
        # Before the record: a job killed between the two does the stage, and this, again.
        self._tracker.end(run)
        self._ledger.write(name, kind, record)
        self._chronicle.tell()
        self._shop.progress.done(name, summary(record))
        return record

    def _evaluate(self, tuned: Sequence[FinetuneResult], run: str) -> Evaluation:
        shop, data = self._shop, self._data
        evaluation = evaluate(
            shop.spec.publish, self._searched, tuned, data.train, data.test, shop.folder, data.task
        )
        evaluated_runs.track(self._tracker, run, evaluation, shop.score)
        return evaluation

    def _publish(self, evaluation: Evaluation, registry: Registry, run: str) -> Publication:
        shop = self._shop
        try:
            return stages.publish(shop, run, self._searched, evaluation, self._data, registry)
        except (TrackingError, RegistryUnreachableError) as error:
            raise TrackingError(
                f"publish: {error}; the model is saved: secateur sync {shop.spec.name}, "
                "or the same secateur run, publishes it"
            ) from error

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
        evaluated_runs.crown(self._tracker, pruned, evaluation)
        for picture in illustrated.draw(self._ledger):
            self._tracker.attach(self._chronicle.run, picture.file, "pictures")

    def _report(self) -> None:
        """The page about the job, in its folder and with its run."""
        for file in report.write(self._ledger):
            self._tracker.attach(self._chronicle.run, file)
