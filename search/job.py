"""The only place that composes stages: search, prune, finetune, evaluate, publish, show."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cached_property, partial
from pathlib import Path
from typing import TypeVar

from agents.task import PruningTask, prepare
from search import pictures, report, stages
from search.evaluate import evaluate
from search.home import Home
from search.ledger import Ledger
from search.progress import Progress
from search.show import show
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
from secateur.tracking import names
from secateur.tracking.mlflow_tracker import MLflowTracker
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
        self._tracker = MLflowTracker(
            home.tracking_uri, spec.name, self._ledger.id, home.artifact_root
        )
        self._shop = Workshop(spec, self._ledger.folder, data.development, self._tracker, progress)

    def run(self) -> Publication:
        """Do every stage that is not done yet.

        Raises:
            KeyboardInterrupt: the job was interrupted; what was done is kept.
            SecateurError: a stage could not finish; what was done before it is kept.
        """
        if self._data.skipped:
            self._shop.progress.line(report.skipped_line(self._data.skipped))
        self._run = self._tracker.start("job", name=self._shop.spec.name, parameters=self._facts())
        try:
            publication = self._stages()
        except BaseException as error:
            stopped = isinstance(error, KeyboardInterrupt)
            self._tracker.end_all("KILLED" if stopped else "FAILED", type(error).__name__)
            raise
        self._tracker.end_all("FINISHED")
        return publication

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
        shop, gate = self._shop, self._shop.spec.publish
        self._searched = self._stage(
            "search", SearchResult, partial(stages.search, shop), report.search_line
        )
        pruned, tuned = self._compressed() if shop.spec.prune is not None else ((), ())
        evaluation = self._stage(
            "evaluate",
            Evaluation,
            lambda _: evaluate(
                gate,
                self._searched,
                tuned,
                self._data.train,
                self._data.test,
                shop.folder,
                self._data.task,
            ),
            report.evaluate_line,
        )
        self._illustrate(pruned, evaluation)
        registry = Registry(self._home.tracking_uri)
        return self._stage(
            "publish",
            Publication,
            lambda run: stages.publish(shop, run, evaluation, registry),
            report.publish_line,
        )

    def _compressed(self) -> tuple[tuple[PruningResult, ...], tuple[FinetuneResult, ...]]:
        """What the agents cut, and what became of it."""
        shop = self._shop
        pruned = self._stage(
            "prune", tuple[PruningResult, ...], lambda run: stages.prune(shop, run, self._task),
            report.prune_line,
        )  # fmt: skip
        tuned = self._stage(
            "finetune",
            tuple[FinetuneResult, ...],
            lambda run: stages.recover(shop, run, self._searched, self._task, pruned),
            report.finetune_line,
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
        self._shop.progress.begin()
        run = self._tracker.start(name, name=name, parent=self._run, tags={names.STAGE: name})
        record = compute(run)
        self._ledger.write(name, kind, record)
        self._tracker.end(run)
        self._shop.progress.done(name, summary(record))
        return record

    @cached_property
    def _task(self) -> PruningTask:
        """The searched network, ready to be pruned."""
        network, content = artifacts.load(self._shop.folder / self._searched.artifact)
        spec, shape = self._shop.spec, content.architecture.input_shape
        recipe = self._searched.best.recipe
        assert spec.prune is not None
        return prepare(spec.prune, network, shape, self._shop.development, spec.seed, recipe)

    def _illustrate(self, pruned: Sequence[PruningResult], evaluation: Evaluation) -> None:
        """Pictures and the report, in the job's folder and with its run."""
        shop, folder = self._shop, self._shop.folder
        files = pictures.draw(shop.spec, self._searched, pruned, evaluation, folder / "pictures")
        page = report.markdown(
            shop.spec.name, self._searched, pruned, evaluation, [_relative(file) for file in files]
        )
        (folder / "report.md").write_text(page, encoding="utf-8")
        self._tracker.log(self._run, stages.figures_metrics(evaluation))
        self._tracker.attach(self._run, folder / "report.md")
        for file in files:
            self._tracker.attach(self._run, file, "pictures")

    def _facts(self) -> dict[str, str | int]:
        spec = self._shop.spec
        return {
            "data": self._data.name,
            "data.digest": self._data.digest,
            "data.split_digest": self._data.split_digest,
            "data.skipped": len(self._data.skipped),
            "seed": spec.seed,
            "spec.digest": spec.digest,
        }


def _relative(file: Path) -> str:
    return f"{file.parent.name}/{file.name}"
