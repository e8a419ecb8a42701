"""Lets agents prune generators of MNIST, lets what is left recover, and judges the images.

    SECATEUR_DATA=... python -m benchmarks.generator_pruning --seed 0

For each seed a DCGAN is trained, cut by each agent within the same number of evaluations, and
trained on.  Every part writes a file and is passed over where that is there; dense weights and
the judge lie below ``--home``.  CPU seconds are those of one thread.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import cached_property, partial
from pathlib import Path
from typing import Any

import ray
import torch
from pydantic import TypeAdapter
from safetensors.torch import load_file, save_file
from torch import Tensor, nn

from agents.generation import GeneratorTask, Rehearsal, prepare_generator
from agents.registry import play
from agents.staging import Stage, finalists
from benchmarks import hardware
from benchmarks.page import HERE, Result, read, write
from search.home import Home
from secateur import data
from secateur.compression.correction import untouched
from secateur.compression.rebuild import duplicate
from secateur.data import Dataset
from secateur.judging.features import features_for
from secateur.judging.judge import LikenessJudge, judge_of
from secateur.models.generators import latent_of
from secateur.records import Architecture, GenerativeRecipe
from secateur.spec import GeneratorRecoverySpec, MNISTData, PruneSpec
from secateur.spec.agents import AgentSpec
from secateur.training.generative import GenerativeModel, begin, sample, train
from secateur.training.generative.recovery import recover

RESULTS = HERE / "results" / "generator_pruning"
SEEDS = (0, 1, 2)
TARGET, FAR_TARGET, EPISODES, RERANK = 0.7, 0.85, 60, 4
ARCHITECTURE = Architecture(name="dcgan", input_shape=(1, 28, 28), classes=1)
RECIPE = GenerativeRecipe(
    steps=2500,
    batch_size=32,
    learning_rate=2e-3,
    critic_rate=1e-3,
    precision="bfloat16",
    schedule="constant",
    ema=0.998,
)
RECOVERY = GeneratorRecoverySpec(steps=2500, ema=0.998)
PRUNE = PruneSpec(targets=(TARGET,), episodes=EPISODES, rerank=RERANK, round_to=1)

IMITATE: dict[str, Any] = {"correction": "imitate", "calibration_images": 1024}
_FAR = {**IMITATE, "targets": (FAR_TARGET,)}

AGENTS: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "ddpg": ({"kind": "ddpg"}, {}),
    "tpe": ({"kind": "tpe"}, {}),
    "random": ({"kind": "random"}, {}),
    "uniform": ({"kind": "uniform"}, {}),
    "ddpg-likeness": ({"kind": "ddpg"}, {"reward": {"kind": "likeness"}}),
    "ddpg-least-squares": ({"kind": "ddpg"}, {"correction": "least-squares"}),
    "ddpg-random-channels": ({"kind": "ddpg"}, {"importance": "random"}),
    "ddpg-imitate": ({"kind": "ddpg"}, IMITATE),
    "random-imitate": ({"kind": "random"}, IMITATE),
    "ddpg-far": ({"kind": "ddpg"}, _FAR),
    "random-far": ({"kind": "random"}, _FAR),
    "uniform-far": ({"kind": "uniform"}, _FAR),
}
"""Agents, and what differs in the pruning, by the names of their results."""

_AGENT: TypeAdapter[Any] = TypeAdapter(AgentSpec)


@dataclass(frozen=True)
class Bench:
    """The data of all seeds, and who judges.

    Attributes:
        data: with the test split.
        home: of the judge and of dense weights.
        results: folder of the result files.
        recovery: of all that is pruned.
    """

    data: Dataset
    home: Path
    results: Path
    recovery: GeneratorRecoverySpec = field(default_factory=lambda: RECOVERY)

    @cached_property
    def pixels(self) -> Tensor:
        """Training images, uint8."""
        return self.data.train.tensors()[0]

    @cached_property
    def chooses(self) -> LikenessJudge:
        """By images that nothing is trained on."""
        return judge_of(self.data.development, self.home / "judge")

    @cached_property
    def reports(self) -> LikenessJudge:
        """By the test split; of every figure in the results."""
        features = features_for(self.data.development, self.home / "judge", 0)
        return LikenessJudge(features, self.data.test.tensors()[0])

    def distance(self, generator: nn.Module) -> float:
        """On the test split, of images of a seed that nothing was chosen by."""
        return self.reports(sample(generator, self.reports.count, seed=1)).distance


@dataclass(frozen=True)
class Subject:
    """One dense model.

    Attributes:
        seed: of its training, and of the agents.
        bench: what all have in common.
    """

    seed: int
    bench: Bench

    @property
    def recipe(self) -> GenerativeRecipe:
        """Of the dense training."""
        return RECIPE.model_copy(update={"seed": self.seed})

    @property
    def weights(self) -> Path:
        """Where the whole training lies."""
        return self.bench.home / f"dcgan-{self.seed}.safetensors"

    def trained(self) -> Result:
        """Train the dense model and keep it."""
        model, began = begin(ARCHITECTURE, self.recipe), time.process_time()
        *_, last = train(model, self.bench.pixels, self.recipe)
        seconds = time.process_time() - began
        self.weights.parent.mkdir(parents=True, exist_ok=True)
        save_file({name: value.contiguous() for name, value in model.state_dict().items()},
                  self.weights)  # fmt: skip
        return {
            "distance": self.bench.distance(model.generator),
            "steps": last.step,
            "seconds": round(seconds, 1),
            "recipe": self.recipe.model_dump(mode="json"),
            "architecture": ARCHITECTURE.model_dump(mode="json"),
        }

    @cached_property
    def model(self) -> GenerativeModel:
        """The dense model as it was kept."""
        model = begin(ARCHITECTURE, self.recipe)
        model.load_state_dict(load_file(self.weights))
        return model

    def task(self, changes: dict[str, Any]) -> GeneratorTask:
        """As the agents take it."""
        spec = PruneSpec.model_validate(PRUNE.model_dump() | changes)
        generator, latent = self.model.generator, latent_of(ARCHITECTURE)
        return prepare_generator(spec, generator, latent, self.seed, self.rehearsal)

    @property
    def rehearsal(self) -> Rehearsal:
        """By images that nothing is trained on."""
        bench = self.bench
        return Rehearsal(self.model, bench.pixels, self.recipe, bench.recovery, bench.chooses)

    def longer(self) -> Result:
        """What the dense generator gets from as long a training, by its critic alone."""
        alone = self.bench.recovery.model_copy(update={"distillation": 0.0})
        return self.recovered(duplicate(self.model.generator), alone)

    def pruned(self, agent: str) -> Result:
        """What an agent finds, and what becomes of it."""
        kind, changes = AGENTS[agent]
        task, spec = self.task(changes), _AGENT.validate_python(kind)
        (target,) = task.spec.targets
        problem, judge = task.problem(target), task.judge(PRUNE.reward_images)
        began = time.perf_counter()
        state = self.bench.home / "states" / f"{agent}-{self.seed}"
        episodes = list(play(spec, problem, judge, EPISODES, self.seed, state))
        seconds = time.perf_counter() - began
        best = finalists(Stage(task.candidates, problem, EPISODES), episodes, RERANK)
        chosen = task.choose(task.candidates, best)
        raw = replace(task.candidates, correction=untouched).cut(chosen.widths)
        return {
            "rewards": [round(episode.reward, 5) for episode in episodes],
            "closeness": [task.judge().accuracy(widths) for widths in best],
            "finalists": best,
            "target": target,
            "rerank": RERANK,
            "reward_images": PRUNE.reward_images,
            "play_seconds": round(seconds, 1),
            "dense_widths": task.candidates.plan.widths,
            "widths": chosen.widths,
            "flops_cut": 1 - float(task.cost.flops(chosen.widths)) / task.dense_flops,
            "distance_cut": self.bench.distance(raw),
            "distance_corrected": self.bench.distance(task.candidates.cut(chosen.widths)),
            "distance_rehearsed": chosen.distance,
            **self.recovered(task.candidates.cut(chosen.widths), self.bench.recovery),
        }

    def recovered(self, generator: nn.Module, spec: GeneratorRecoverySpec) -> Result:
        """What a recovery makes of a generator, which is trained in place."""
        began = time.process_time()
        *_, last = recover(generator, self.model, self.bench.pixels, self.recipe, spec)
        seconds = time.process_time() - began
        return {
            "distance": self.bench.distance(generator),
            "recovery_steps": last.step,
            "recovery_seconds": round(seconds, 1),
            "recovery": spec.model_dump(mode="json"),
        }


def record(name: str, seed: int, results: Path, make: Callable[[], Result]) -> None:
    """Write the result of one part, where it is not there yet."""
    file = results / f"{name}-{seed}.json"
    if read(file) is not None:
        return
    found = {"name": name, "seed": seed, **make(), "machine": hardware.facts()}
    write(file, found)
    print(f"{file.stem}: distance {found['distance']:.3f}", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--seed", action="append", type=int)
    parser.add_argument("--agent", action="append", choices=AGENTS)
    parser.add_argument("--home", type=Path, default=Home.find().folder / "generator_pruning")
    parser.add_argument("--results", type=Path, default=RESULTS)
    parser.add_argument(
        "--recovery", type=GeneratorRecoverySpec.model_validate_json, default=RECOVERY
    )
    given = parser.parse_args()
    torch.set_num_threads(1)
    ray.init(address="local", num_cpus=1, include_dashboard=False, log_to_driver=False)
    bench = Bench(data.load(MNISTData(), 0), given.home.absolute(), given.results, given.recovery)
    for seed in given.seed or SEEDS:
        subject = Subject(seed, bench)
        record("dense", seed, given.results, subject.trained)
        record("longer", seed, given.results, subject.longer)
        for agent in given.agent or AGENTS:
            record(agent, seed, given.results, partial(subject.pruned, agent))


if __name__ == "__main__":
    main()
