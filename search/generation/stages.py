"""The stages of a generative job, each from records to a record, tracked and displayed."""

from __future__ import annotations

from collections import defaultdict
from functools import cached_property

from agents.generation import GeneratorTask, Rehearsal, prepare_generator
from search import evaluated_runs, finetune, parameters, run_keys
from search.generation import recovering, tuner
from search.generation.judging import judge_for
from search.generation.listening import DistanceWatch, GenerativeJournal, RecoveryWatch, steps
from search.generation.shots import attach_samples
from search.generation.space import realise
from search.listeners import Listeners
from search.reports.figures import target_name
from search.shop import Shop
from search.space import Point
from secateur.judging.judge import LikenessJudge
from secateur.models.registry import takes
from secateur.records import (
    Architecture,
    GenerativeCurve,
    GenerativeRecipe,
    GenerativeSearchResult,
    PruningResult,
    RecoveredGenerator,
)
from secateur.spec import GenerationSpec, GeneratorRecoverySpec
from secateur.tracking import names


class Studio(Shop[GenerationSpec]):
    """That of a generative job."""

    @property
    def score(self) -> str:
        """How close to those of the dense generator the images are."""
        return names.VALIDATION_CLOSENESS

    @cached_property
    def judge(self) -> LikenessJudge:
        """Of generated images, until the evaluation."""
        return judge_for(self.spec, self.development, self.folder, self.progress.line)

    def realised(self, point: Point) -> tuple[Architecture, GenerativeRecipe]:
        """As ``Shop``."""
        return realise(self.spec, point, self.development.input_shape)


def search(studio: Studio, run: str) -> GenerativeSearchResult:
    """Train the trials and save the best generator."""
    spec, tracker = studio.spec.search, studio.tracker
    if studio.judge.note:
        studio.progress.line(f"{'search':<9} {studio.judge.note}")
    journal = GenerativeJournal(tracker, run, parameters=studio.parameters)
    with studio.progress.live(spec.budget) as live:
        listeners = Listeners(journal, DistanceWatch(live, spec.most, studio.network))
        result, samples = tuner.search(
            studio.spec,
            studio.development,
            studio.judge,
            studio.folder,
            listeners,
            live.budget,
            studio.progress.line,
        )
    if result.stopped_by != "trials":
        tracker.tag(run, {names.STOP_REASON: result.stopped_by})
    tracker.log(run, names.likeness(result.likeness))
    for number, file in samples.items():
        attach_samples(tracker, run_keys.trial(number), file, studio.folder)
    evaluated_runs.crown_trial(tracker, result.best.number)
    return result


def prepared(studio: Studio, searched: GenerativeSearchResult) -> GeneratorTask:
    """The searched generator, ready to be pruned.

    Raises:
        UntraceableNetworkError: its channels cannot be followed.
        UnreachableTargetError: a target is beyond what the bounds allow.
    """
    spec, best = studio.spec, searched.best
    assert spec.prune is not None
    assert spec.recover is not None, "a job that prunes says how to recover"
    model = tuner.load_model(best.architecture, best.recipe, studio.folder)
    pixels = studio.development.train.tensors()[0]
    rehearsal = Rehearsal(model, pixels, best.recipe, spec.recover, studio.judge, spec.seed)
    latent, *_ = takes(best.architecture)
    return prepare_generator(spec.prune, model.generator, latent, spec.seed, rehearsal)


def recover(
    studio: Studio,
    run: str,
    searched: GenerativeSearchResult,
    task: GeneratorTask,
    pruned: tuple[PruningResult, ...],
) -> tuple[RecoveredGenerator, ...]:
    """Let every pruned generator recover, and save it."""
    spec, best = studio.spec.recover, searched.best
    assert spec is not None, "a job that prunes says how to recover"
    runs = {result.target: _start_recovery(studio, run, result.target, spec) for result in pruned}
    work = recovering.Recovery(
        task,
        best.architecture,
        studio.folder,
        studio.spec.search.judge_every,
        studio.limits.checkpoint_seconds,
    )
    pieces: dict[float, list[GenerativeCurve]] = defaultdict(list)
    with studio.progress.live() as live:
        targets = [result.target for result in pruned]
        watch = RecoveryWatch(live, targets, spec.steps, spec.gpus)
        for target, piece in recovering.run(work, pruned, studio.limits, studio.progress.line):
            pieces[target].append(piece)
            for step, metrics in steps(piece):
                studio.tracker.log(runs[target], metrics, step)
            watch.trained(target, piece)
    for target, tracked in runs.items():
        attach_samples(studio.tracker, tracked, recovering.samples(studio.folder, target),
                       studio.folder)  # fmt: skip
        studio.tracker.end(tracked)
    return tuple(_recovered(result.target, best.number, pieces[result.target]) for result in pruned)


def _recovered(target: float, trial: int, pieces: list[GenerativeCurve]) -> RecoveredGenerator:
    curve = recovering.joined(trial, pieces)
    return RecoveredGenerator(
        target=target,
        artifact=finetune.model_folder(target),
        likeness=curve.judged[-1].likeness,
        curve=curve,
    )


def _start_recovery(studio: Studio, run: str, target: float, spec: GeneratorRecoverySpec) -> str:
    return studio.tracker.start(
        run_keys.recovery(target),
        name=f"recover {target_name(target)}",
        parent=run,
        parameters={
            names.TARGET: target,
            **parameters.flat(spec.model_dump(mode="json"), "recover"),
        },
        tags={names.STAGE: "recover"},
    )
