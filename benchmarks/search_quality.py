"""How good are the policies that each agent finds with the same number of evaluations?

    python -m benchmarks.search_quality --network lenet --target 0.7 --agent tpe --seed 1

plays one run, for each combination where an option is given several times or left out, and
writes one JSON a run.  A run that is there is kept, one that was interrupted goes on, and its
seconds, which are those since then, count nothing on the page.
Rewards are accuracies after batch-norm recalibration on ``REWARD_IMAGES`` validation images.
The best ``RERANK`` policies are compared again on the whole validation split, as a job
does, and the winner is judged on ``HELD_OUT`` images of the test split, which nothing before
has seen.
"""

from __future__ import annotations

import argparse
import itertools
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import ray
import torch
from pydantic import TypeAdapter
from torch import nn

from agents.exploration import rewards
from agents.problem import PruningProblem
from agents.registry import KINDS, play
from agents.staging import Stage
from agents.task import PruningTask, prepare
from benchmarks import hardware, parents
from benchmarks.page import write
from search.home import Home
from secateur.data import Dataset
from secateur.records import Episode
from secateur.spec import AgentSpec, FinetuneSpec, PruneSpec
from secateur.training.evaluation import score
from secateur.training.recovery import finetune

RESULTS = Path(__file__).parent / "results" / "search_quality"
REWARD_IMAGES, HELD_OUT = 768, 4000
RERANK = 10
TARGETS = {"resnet20": (0.5, 0.7, 0.9), "lenet": (0.5, 0.7, 0.85)}
"""Lenet has six channels in its first layer, of which a_max leaves two: 86 % at most."""

SEEDS = (1, 2, 3)
VARIANTS: dict[str, dict[str, Any]] = {
    "ddpg-graph": {"kind": "ddpg", "state": "graph"},
    "ddpg-unranked": {"kind": "ddpg", "imagined": 0},
    "tpe-relative": {"kind": "tpe", "actions": "relative"},
    "cmaes-relative": {"kind": "cmaes", "actions": "relative"},
    "nsga2-relative": {"kind": "nsga2", "actions": "relative"},
    "bee-colony-relative": {"kind": "bee-colony", "actions": "relative"},
    "random-relative": {"kind": "random", "actions": "relative"},
}
"""The agent of the jobs with one choice of its made otherwise, and rivals that take its
actions: what is left between them is the agent."""

AGENTS = (*KINDS, *VARIANTS)
_SPEC: TypeAdapter[Any] = TypeAdapter(AgentSpec)


@dataclass(frozen=True)
class Run:
    """One agent on one problem.

    Attributes:
        network: of ``parents.PARENTS``.
        target: share of FLOPs to cut.
        agent: of ``AGENTS``.
        seed: of the agent.
        episodes: evaluations at most.
    """

    network: str
    target: float
    agent: str
    seed: int
    episodes: int

    @property
    def name(self) -> str:
        """Of the file of its results."""
        return f"{self.network}-{self.target:g}-{self.agent}-{self.seed}-{self.episodes}"

    @property
    def command(self) -> str:
        """That repeats it."""
        return (
            f"python -m benchmarks.search_quality --network {self.network} --target "
            f"{self.target:g} --agent {self.agent} --seed {self.seed} --episodes {self.episodes}"
        )


@dataclass(frozen=True)
class Bench:
    """A trained parent with its data, ready to be pruned.

    Attributes:
        task: as the agents take it.
        data: with the test split.
        work: folder for what interrupted runs go on from.
    """

    task: PruningTask
    data: Dataset
    work: Path

    def problem(self, target: float) -> PruningProblem:
        """Of one target."""
        return self.task.problem(target)

    def judge(self, problem: PruningProblem) -> Any:
        """Rewards of all agents alike, run in the way that was fastest for the first."""
        stage = Stage(self.task.candidates, problem, 1)
        self.work.mkdir(parents=True, exist_ok=True)
        return rewards(self.task, stage, self.work / f"execution-{problem.target:g}.json")

    @cached_property
    def dense_accuracy(self) -> float:
        """Of the parent as it was trained, on the images that winners are judged on."""
        return self._accuracy(self.task.candidates.network)

    def held_out(self, widths: Sequence[int]) -> float:
        """Accuracy of a policy's network on test images, before any fine-tuning."""
        return self._accuracy(self.task.candidates.cut(widths))

    def finetuned(self, widths: Sequence[int], spec: FinetuneSpec, images: int) -> float:
        """The same after a fine-tune on the first ``images`` of the training split."""
        task = self.task
        network, dense = task.candidates.cut(widths), task.candidates.network
        development = replace(task.development, train=task.development.train.take(slice(images)))
        with parents.fast_precision():
            for _ in finetune(network, dense, development, task.recipe, spec):
                pass
        return self._accuracy(network)

    def _accuracy(self, network: nn.Module) -> float:
        order = np.random.default_rng(0).permutation(len(self.data.test))[:HELD_OUT]
        shown = self.data.test.take(order)
        return score(network, shown, self.data.mean, self.data.std).accuracy


def bench(network: str, home: Home, images: Path) -> Bench:
    """Load a parent and its data."""
    data = parents.dataset(network, images)
    spec = PruneSpec(targets=TARGETS[network], reward_images=REWARD_IMAGES, rerank=RERANK)
    parent = parents.load(home, network)
    recipe = parents.PARENTS[network].recipe
    task = prepare(spec, parent, data.input_shape, data.development, parents.SEED, recipe)
    return Bench(task, data, home.folder / "search_quality" / network)


class Timed:
    """An evaluation that adds up what it takes.

    Args:
        judge: the evaluation.
    """

    def __init__(self, judge: Any) -> None:
        self._judge, self.seconds = judge, 0.0

    def __call__(self, widths: tuple[int, ...]) -> float:
        """As the judge."""
        began = time.perf_counter()
        reward: float = self._judge(widths)
        self.seconds += time.perf_counter() - began
        return reward


def search(run: Run, tools: Bench) -> dict[str, Any]:
    """Play a run and judge its winner."""
    problem = tools.problem(run.target)
    spec = _SPEC.validate_python(VARIANTS.get(run.agent, {"kind": run.agent}))
    evaluate, state = Timed(tools.judge(problem)), tools.work / "states" / run.name
    resumed, began = state.exists(), time.perf_counter()
    episodes = list(play(spec, problem, evaluate, run.episodes, run.seed, state))
    seconds = time.perf_counter() - began
    widths, cost = winner(tools, episodes), problem.cost
    return {
        "rewards": [round(episode.reward, 5) for episode in episodes],
        "widths": widths,
        "flops_cut": 1 - float(cost.flops(widths)) / cost.dense_flops,
        "parameters_cut": 1 - float(cost.parameters(widths)) / cost.dense_parameters,
        "held_out": tools.held_out(widths),
        "seconds": round(seconds, 2),
        "evaluation_seconds": round(evaluate.seconds, 2),
        "resumed": resumed,
        "spec": spec.model_dump(mode="json"),
    }


def winner(tools: Bench, episodes: Sequence[Episode]) -> tuple[int, ...]:
    """The best of the few best policies, by more images."""
    found = {episode.widths: episode.reward for episode in episodes}
    few = sorted(found, key=lambda widths: -found[widths])[:RERANK]
    return tuple(tools.task.judge().best(few))


def record(run: Run, tools: Bench, results: Path) -> None:
    """Play a run and write its JSON, where it is not there yet."""
    file = results / f"{run.name}.json"
    if file.exists():
        return
    found = search(run, tools)
    content = {
        "network": run.network,
        "data": tools.data.name,
        "target": run.target,
        "agent": run.agent,
        "seed": run.seed,
        "episodes": run.episodes,
        **found,
        "dense_accuracy": tools.dense_accuracy,
        "machine": {**hardware.facts(), "threads": torch.get_num_threads(), "command": run.command},
    }
    write(file, content)
    print(f"{run.name}: held out {found['held_out']:.4f} in {found['seconds']:.0f} s", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--network", action="append", choices=sorted(parents.PARENTS))
    parser.add_argument("--target", action="append", type=float)
    parser.add_argument("--agent", action="append", choices=AGENTS)
    parser.add_argument("--seed", action="append", type=int)
    parser.add_argument("--episodes", type=int, default=160)
    parser.add_argument("--images", type=Path, default=Path("~/data/cifar10-jpeg").expanduser())
    parser.add_argument("--home", type=Path, default=Home.find().folder)
    parser.add_argument("--results", type=Path, default=RESULTS)
    given = parser.parse_args()
    torch.set_num_threads(1)
    ray.init(address="local", num_cpus=1, include_dashboard=False, log_to_driver=False)
    home = Home(given.home.absolute())
    for network in given.network or sorted(parents.PARENTS):
        tools = bench(network, home, given.images)
        targets, agents = given.target or TARGETS[network], given.agent or AGENTS
        for seed, target, agent in itertools.product(given.seed or SEEDS, targets, agents):
            run = Run(network, target, agent, seed, given.episodes)
            record(run, tools, given.results)


if __name__ == "__main__":
    main()
