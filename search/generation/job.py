"""The job of a generator: search, prune, recover, evaluate, publish, show."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property, partial

from agents.generation import GeneratorTask
from search import cutting, evaluated_runs, run_keys
from search.generation import card, lines, report, stages, story
from search.generation.evaluate import Candidate, evaluate
from search.generation.judging import further, last_judge
from search.generation.show import show
from search.generation.stages import Studio
from search.home import Home
from search.progress import Progress
from search.staged import StagedJob
from secateur import generator_gate
from secateur.data import Dataset
from secateur.records import (
    GenerativeEvaluation,
    GenerativeSearchResult,
    PruningResult,
    Publication,
    RecoveredGenerator,
)
from secateur.spec import GenerationSpec
from secateur.tracking import names
from secateur.tracking.registry import Registry


class GenerationJob(StagedJob):
    """A job whose networks make images.

    Args:
        spec: what to do.
        data: what to learn from.
        home: where to keep it.
        progress: what a person sees.
    """

    def __init__(self, spec: GenerationSpec, data: Dataset, home: Home, progress: Progress) -> None:
        super().__init__(spec, data, home, progress, story.told)
        folder = self._ledger.folder
        self._studio = Studio(spec, folder, data.development, self._tracker, progress)

    def show(self, publication: Publication) -> None:
        """Serve what was published and have it make some images over HTTP."""
        spec = self._studio.spec
        folder = self._ledger.folder
        show(publication, self._home, folder, spec.show, spec.seed, self._progress)

    def _stages(self) -> Publication:
        studio = self._studio
        self._searched = self._stage(
            "search", GenerativeSearchResult, partial(stages.search, studio), lines.search_line
        )
        pruned, recovered = self._compressed() if studio.spec.prune is not None else ((), ())
        evaluation = self._stage(
            "evaluate",
            GenerativeEvaluation,
            partial(self._evaluate, recovered),
            lines.evaluate_line,
        )
        self._illustrate(pruned, evaluation)
        try:
            return self._published(lambda run: self._publish(run, evaluation, self._registry))
        finally:
            for file in report.write(self._ledger):
                self._tracker.attach(self._chronicle.run, file)

    def _compressed(self) -> tuple[tuple[PruningResult, ...], tuple[RecoveredGenerator, ...]]:
        """What the agents cut, and what became of it."""
        studio = self._studio
        pruned = self._stage(
            "prune",
            tuple[PruningResult, ...],
            lambda run: cutting.prune(studio, run, self._task),
            lines.prune_line,
        )
        recovered = self._stage(
            "recover",
            tuple[RecoveredGenerator, ...],
            lambda run: stages.recover(studio, run, self._searched, self._task, pruned),
            lines.recover_line,
        )
        return pruned, recovered

    @cached_property
    def _task(self) -> GeneratorTask:
        return stages.prepared(self._studio, self._searched)

    def _evaluate(self, recovered: Sequence[RecoveredGenerator], run: str) -> GenerativeEvaluation:
        searched, folder = self._searched, self._ledger.folder
        dense = Candidate(0.0, searched.artifact, searched.likeness)
        compressed = [Candidate(one.target, one.artifact, one.likeness) for one in recovered]
        spec, data = self._studio.spec, self._data
        measures = further(spec, data.development)
        judge = last_judge(spec, data, folder, measures)
        rule = None if measures is None else measures.rule
        evaluation = evaluate(spec.publish, dense, compressed, judge, folder, rule)
        evaluated_runs.track(
            self._tracker, run, evaluation, lambda model: names.likeness(model.validation)
        )
        return evaluation

    def _illustrate(
        self, pruned: Sequence[PruningResult], evaluation: GenerativeEvaluation
    ) -> None:
        """Pictures, in the job's folder and with its run."""
        self._tracker.log(self._chronicle.run, card.figures_of(evaluation))
        evaluated_runs.crown(self._tracker, pruned, evaluation.champion.target)
        for picture in report.draw(self._ledger):
            self._tracker.attach(self._chronicle.run, picture.file, "pictures")

    def _publish(
        self, run: str, evaluation: GenerativeEvaluation, registry: Registry
    ) -> Publication:
        """Register the champion, under the alias that the job asks for, if the gate holds."""
        spec, name, champion = self._studio.spec, self._studio.spec.model_name, evaluation.champion
        gate = spec.publish
        misses = generator_gate.failures(gate, evaluation.dense.figures, champion.figures)
        if misses:
            return Publication(name=name, version=None, failures=misses)
        run_id = self._tracker.run_id
        told = card.card(
            self._ledger,
            self._data,
            job=run_id(run_keys.JOB),
            trained=run_id(run_keys.trial(self._searched.best.number)),
        )
        folder = self._ledger.folder / champion.artifact
        version = registry.publish(run_id(run), name, folder, told, gate.bounds(), gate.alias)
        return Publication(name=name, version=version, alias=gate.alias)
