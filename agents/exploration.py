"""One agent's way to one target: the episodes of all stages, as one stream."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from pydantic import TypeAdapter

from agents import staging
from agents.allowance import Allowance, Enough, Stint
from agents.allowance import played as played_in
from agents.attempts import Attempt
from agents.candidates import Candidates
from agents.journal import EPISODES, read_episodes
from agents.judge import Judge
from agents.pareto import front
from agents.racing import Race
from agents.registry import play
from agents.staging import Stage
from agents.task import PruningTask, normalised
from secateur.compression.execution import EXACT, Execution
from secateur.compression.policy import uniform
from secateur.records import Episode, PruningResult
from secateur.scratch import whole
from secateur.storage.task import TaskShelf
from secateur.training.evaluation import device_of

_EXECUTION = TypeAdapter(Execution)


def explore(
    task: PruningTask,
    target: float,
    folder: Path,
    allowance: Allowance | None = None,
    seed: int | None = None,
) -> Iterator[Episode]:
    """Play the episodes of one target; an interrupted run goes on from its folder.

    A run that went on elsewhere, since this one seemed lost, ends this one.

    Args:
        task: of the dense network.
        target: share of its FLOPs to cut.
        folder: of the target.
        allowance: time to play; without it all episodes are played.
        seed: of the agent; the task's own where absent.
    """
    folder.mkdir(parents=True, exist_ok=True)
    attempt, own = Attempt(folder), task.seed if seed is None else seed
    candidates, done, count = task.candidates, 0, len(staging.stages(task, target))
    stint = Stint(allowance or Allowance(), folder, count)
    for number in range(count):
        stint.begin()
        stage = staging.stage(task, target, number, candidates)
        played = []
        for episode in _playing(task, stage, own, folder / f"stage-{number + 1}", stint.enough):
            attempt.check()
            played.append(episode)
            stint.told()
            yield episode.model_copy(update={"number": done + episode.number})
        done += len(played)
        if number + 1 < count:
            candidates = staging.advance(task, stage, played, _weights(folder, number))


def _playing(
    task: PruningTask, stage: Stage, seed: int, state: Path, enough: Enough
) -> Iterator[Episode]:
    """The episodes of a stage, whose rewards are raced for where the task lets them."""
    judge = rewards(task, stage, state.with_suffix(".json"))
    race = Race(judge) if task.spec.race and task.development.task.counts else None
    episodes = play(
        task.spec.agent, stage.problem, race or judge, stage.episodes, seed, state, enough
    )
    if race is None:
        yield from episodes
        return
    # An agent that learns from rounds may have been interrupted in one: it tells of what it
    # played of the round only after it has played the rest, for which this counts.
    for known in read_episodes(state / EPISODES):
        race.remember(known.widths, known.reward)
    for episode in episodes:
        race.remember(episode.widths, episode.reward)
        yield episode


def choose(
    task: PruningTask, target: float, episodes: Sequence[Episode], folder: Path
) -> PruningResult:
    """Compare the best few policies again, in the way of the task.

    The best of many rewards overstates its policy: more images rank the finalists anew, or
    those of a generator a short recovery.

    Args:
        task: of the dense network.
        target: share of its FLOPs to cut.
        episodes: of all stages.
        folder: of the target.
    """
    last = len(staging.stages(task, target)) - 1
    start = _weights(folder, last - 1) if last else None
    stage = staging.stage(task, target, last, begin(task, start))
    finalists = staging.finalists(stage, episodes, task.spec.rerank)
    best, accuracy, distance = task.choose(stage.candidates, finalists)
    return PruningResult(
        target=target,
        agent=task.spec.agent.kind,
        widths=best,
        accuracy=accuracy,
        dense_flops=task.dense_flops,
        flops=int(task.cost.flops(best)),
        groups=tuple(group.name for group in task.candidates.plan.groups),
        dense_widths=task.candidates.plan.widths,
        start=None if start is None else f"{folder.name}/{start.name}",
        episodes=tuple(episodes),
        front=front(episodes),
        distance=distance,
        stopped_by=played_in(folder).stopped_by,
    )


def merit(task: PruningTask, result: PruningResult, folder: Path) -> float:
    """What results of several seeds are compared by: the reward, or minus the distance.

    Args:
        task: of the dense network.
        result: of one seed.
        folder: of its target.
    """
    if result.distance is not None:
        return -result.distance
    start = None if result.start is None else folder.parent / result.start
    return task.worth(begin(task, start))(result.accuracy, result.widths)


def begin(task: PruningTask, start: Path | None) -> Candidates:
    """What a policy is cut from: the network of kept weights, or the dense one."""
    if start is None:
        return task.candidates
    TaskShelf(start.parent).fetch()
    return staging.load(task, start)


def rewards(task: PruningTask, stage: Stage, choice: Path) -> Judge:
    """What an agent is paid, measured in the fastest way that this machine knows.

    The way is chosen on the uniform policy, as wide as the policies to come, and kept: a
    run that is resumed, maybe elsewhere, must measure as it did before.

    Args:
        task: of the dense network.
        stage: that is to be played.
        choice: file for the way that was chosen.
    """
    if choice.exists():
        execution = _EXECUTION.validate_json(choice.read_bytes())
    else:
        problem, shown = stage.problem, task.development.validation.take(slice(EXACT.batch))
        widths = uniform(problem.limits, problem.allowed)
        images = normalised(shown, task.development).to(device_of(stage.candidates.network))
        execution = stage.candidates.quickest(widths, images)
        with whole(choice) as partial:
            partial.write_bytes(_EXECUTION.dump_json(execution))
    return task.judge(task.spec.reward_images, execution, stage.candidates)


def _weights(folder: Path, number: int) -> Path:
    """Where the network is kept that stage ``number``, from 0, ended with."""
    return folder / f"stage-{number + 1}.safetensors"
