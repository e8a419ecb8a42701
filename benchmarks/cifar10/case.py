"""One network on one data set with one seed: where its stages lie and what they share."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import torch
from torch import nn

from agents.task import PruningTask, prepare
from benchmarks import hardware
from benchmarks.cifar10.clock import Clock
from benchmarks.cifar10.efforts import EFFORTS, VALIDATION, Effort
from benchmarks.cifar10.protocols import PROTOCOLS
from benchmarks.cifar10.subjects import SUBJECTS, Subject
from benchmarks.page import write
from secateur import artifacts, data
from secateur.compression.counter import count
from secateur.compression.latency import relative_latency
from secateur.data import Dataset
from secateur.records import Architecture, Recipe
from secateur.spec import CIFAR10Data, ImageFolderData, PruneSpec
from secateur.training.evaluation import score

RESULTS = Path(__file__).parent.parent / "results" / "cifar10"
DATA = ("cifar10", "cifar10-jpeg")
LATENCY_ROUNDS = 100
_BYTES = 4
_MEGABYTE = 1e6


@dataclass(frozen=True)
class Case:
    """One network on one data set with one seed.

    Attributes:
        network: of ``SUBJECTS``.
        data: of ``DATA``: the originals, or the lossy copy.
        effort: of ``EFFORTS``.
        seed: of weights, order and agents.
        images: folder of the lossy copy.
        home: where networks and states of unfinished stages are kept.
        results: folder for the JSON of finished stages.
    """

    network: str
    data: str
    effort: str
    seed: int
    images: Path
    home: Path
    results: Path = RESULTS

    @property
    def name(self) -> str:
        """Of folder and files."""
        return f"{self.network}-{self.data}-{self.effort}-{self.seed}"

    @property
    def folder(self) -> Path:
        """Of everything that is no result."""
        return self.home / "cifar10" / self.name

    @property
    def subject(self) -> Subject:
        """What is known of the network."""
        return SUBJECTS[self.network]

    @property
    def budget(self) -> Effort:
        """What may be spent."""
        return EFFORTS[self.effort]

    @property
    def recipe(self) -> Recipe:
        """Of the dense network."""
        return self.budget.recipe(self.network, self.subject, self.seed)

    @property
    def device(self) -> torch.device:
        """The GPU where there is one."""
        return torch.device("cuda" if torch.cuda.is_available() else "cpu")

    @cached_property
    def dataset(self) -> Dataset:
        """Training, validation and test split; the same for all seeds."""
        limits: dict[str, Any] = {"validation": VALIDATION, "limit": self.budget.limit}
        if self.data == "cifar10":
            return data.load(CIFAR10Data(**limits), 0)
        return data.load(ImageFolderData(root=self.images, **limits), 0)

    @cached_property
    def architecture(self) -> Architecture:
        """Of the dense network."""
        found = self.dataset
        return self.subject.architecture(found.input_shape, len(found.labels))

    @cached_property
    def dense(self) -> nn.Module:
        """The trained network, on the device.

        Raises:
            ArtifactError: it has not been trained yet.
        """
        return artifacts.load(self.folder / "dense")[0].to(self.device)

    def prune_spec(self, protocol: str) -> PruneSpec:
        """How a protocol finds its policies."""
        prune = PROTOCOLS[protocol].prune
        assert prune is not None, protocol
        return prune(self.subject, self.budget)

    def task(self, protocol: str) -> PruningTask:
        """What the agent of a protocol is asked."""
        found = self.dataset
        return prepare(
            self.prune_spec(protocol),
            self.dense,
            found.input_shape,
            found.development,
            self.seed,
            self.recipe,
        )

    def clock(self, stage: str, minutes: float | None) -> Clock:
        """Of a stage."""
        return Clock(self.folder / f"{stage}.seconds", minutes)

    def result(self, stage: str) -> Path:
        """File of a finished stage."""
        return self.results / f"{self.name}-{stage}.json"

    def publish(self, stage: str, clock: Clock, content: dict[str, Any]) -> None:
        """Write what came of a stage, with how to get it again."""
        graphics = torch.cuda.get_device_name() if self.device.type == "cuda" else None
        facts = {**hardware.facts(), "gpu": graphics, "threads": torch.get_num_threads()}
        head = {
            "network": self.network,
            "data": self.data,
            "effort": self.effort,
            "seed": self.seed,
            "stage": stage,
        }
        body = {**head, **content, **clock.spent(), "machine": facts}
        write(self.result(stage), body)

    def measures(self, network: nn.Module) -> dict[str, float | int]:
        """Accuracy on the test split, and what a network costs."""
        found, cost = self.dataset, count(network, self.dataset.input_shape)
        return {
            "accuracy": self.tested(network),
            "flops": cost.flops,
            "parameters": cost.parameters,
            "megabytes": cost.parameters * _BYTES / _MEGABYTE,
            "latency": relative_latency(network, self.dense, found.input_shape, LATENCY_ROUNDS),
        }

    def tested(self, network: nn.Module) -> float:
        """Accuracy on the whole test split."""
        found = self.dataset
        return score(network, found.test, found.mean, found.std).accuracy
