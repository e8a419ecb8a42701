from __future__ import annotations

import copy
from collections.abc import Iterator
from io import StringIO
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from unittest.mock import Mock

import numpy as np
import pytest
import torch
from safetensors.torch import load_file
from torch import nn

from agents import exploration, staging
from agents.task import PruningTask, prepare
from search import finetune, stages, trainable
from search.progress import Progress
from search.stages import Workshop
from search.survivors import survivors
from secateur import artifacts
from secateur.compression.counter import count
from secateur.data import Dataset, Development, Images
from secateur.manifest import Manifest
from secateur.records import Architecture, PruningResult, Recipe, SearchResult, TrialRecord
from secateur.spec import FinetuneSpec, PruneSpec, RewindSpec, parse
from secateur.training import supervised
from secateur.training.evaluation import score
from secateur.training.rewinding import retrace

RESNET = Architecture(
    name="resnet", arguments={"depth": 1, "width": 8}, input_shape=(1, 8, 8), classes=3
)
RECIPE = Recipe(epochs=4, batch_size=20, learning_rate=0.02, augment=True, seed=5)
JOB: dict[str, Any] = {
    "name": "job",
    "seed": 5,
    "data": {"kind": "digits"},
    "search": {"networks": [{"kind": "resnet", "depth": 1, "width": 8}], "epochs": 4},
}


@pytest.fixture(scope="module")
def development() -> Development:
    """Three classes of images that differ in brightness."""
    generator = np.random.default_rng(0)

    def images(count: int) -> Images:
        labels = np.arange(count) % 3
        pixels = generator.integers(0, 60, (count, 1, 8, 8)) + 80 * labels[:, None, None, None]
        return Images(pixels.astype(np.uint8), labels.astype(np.int64))

    splits = (images(120), images(60), images(30))
    return Dataset.of("bright", ("a", "b", "c"), *splits).development


def prepared(development: Development, network: nn.Module, **spec: Any) -> PruningTask:
    settings = {"targets": (0.5,), "agent": "random", "episodes": 4, "round_to": 2} | spec
    return prepare(
        PruneSpec.model_validate(settings), network.eval(), RESNET.input_shape, development, 0,
        RECIPE,
    )  # fmt: skip


@pytest.fixture(scope="module")
def dense(development: Development) -> nn.Module:
    network, _ = retrace(RESNET, RECIPE, development, RECIPE.epochs, torch.device("cpu"))
    return network


def policy(task: PruningTask, widths: tuple[int, ...], start: str | None = None) -> PruningResult:
    return PruningResult(
        target=0.5,
        agent="random",
        widths=widths,
        accuracy=0.5,
        dense_flops=task.dense_flops,
        flops=int(task.cost.flops(widths)),
        groups=tuple(group.name for group in task.candidates.plan.groups),
        dense_widths=task.candidates.plan.widths,
        episodes=(),
        start=start,
    )


def halved(task: PruningTask) -> tuple[int, ...]:
    return tuple(max(2, width // 2) for width in task.candidates.plan.widths)


METHODS = [
    ({"epochs": 2}, [1, 2]),
    ({"method": "rewind", "rewind_to": 0.5}, [3, 4]),
    ({"method": "rewind", "rewind_to": 0.5, "distillation": 0}, [3, 4]),
    ("reinitialise", [1, 2, 3, 4]),
]


@pytest.mark.parametrize(("given", "epochs"), METHODS)
def test_each_method_saves_a_network_that_learned(
    development: Development,
    dense: nn.Module,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    given: Any,
    epochs: list[int],
) -> None:
    saved: list[tuple[Path, nn.Module, Manifest]] = []
    monkeypatch.setattr(artifacts, "save", lambda *given: saved.append(given))
    task = prepared(development, dense)
    widths = halved(task)
    spec = parse(JOB | {"finetune": given}).finetune
    before = copy.deepcopy(dense.state_dict())
    work = finetune.FinetuneTask(spec, RESNET, task, tmp_path)
    found = list(finetune.recover(work, policy(task, widths), tmp_path / "model"))
    assert [metrics.epoch for metrics in found] == epochs
    assert len(epochs) == spec.length(RECIPE.epochs)
    assert found[-1].validation_accuracy > 0.9
    ((folder, network, content),) = saved
    assert folder == tmp_path / "model"
    assert (content.widths, content.target) == (widths, 0.5)
    measured = score(network, development.validation, development.mean, development.std)
    assert measured.accuracy == found[-1].validation_accuracy
    assert task.cost.flops(widths) == count(network, RESNET.input_shape).flops
    assert all(torch.equal(before[name], value) for name, value in dense.state_dict().items())


@pytest.mark.usefixtures("ray_session")
def test_a_rewound_network_comes_back_from_its_folder(
    development: Development, dense: nn.Module, tmp_path: Path
) -> None:
    task = prepared(development, dense)
    widths = halved(task)
    work = finetune.FinetuneTask(RewindSpec(rewind_to=0.5), RESNET, task, tmp_path / "agents")
    found = list(finetune.run(work, (policy(task, widths),), tmp_path))
    assert [(target, metrics.epoch) for target, metrics in found] == [(0.5, 3), (0.5, 4)]
    network, content = artifacts.load(tmp_path / finetune.model_folder(0.5))
    assert content.widths == widths
    measured = score(network, development.validation, development.mean, development.std)
    assert measured.accuracy == found[-1][1].validation_accuracy
    assert not finetune.training_file(tmp_path / finetune.model_folder(0.5)).exists()


def test_a_recovery_that_has_ended_is_told_and_not_trained_on(
    development: Development, dense: nn.Module, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    task = prepared(development, dense)
    result, folder = policy(task, halved(task)), tmp_path / "model"
    work = finetune.FinetuneTask(FinetuneSpec(epochs=2), RESNET, task, tmp_path / "agents")
    found = list(finetune.recover(work, result, folder))
    # Another target of the stage still learns when the job is interrupted.
    monkeypatch.setattr(supervised, "_epoch", None)
    assert list(finetune.recover(work, result, folder)) == found


def test_a_trial_can_be_retraced(
    development: Development, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # What a trial reports in the end is what rewinding would give after all of its epochs.
    reported: list[dict[str, torch.Tensor]] = []

    class Checkpoint:
        @staticmethod
        def from_directory(folder: str) -> None:
            (file,) = Path(folder).glob(f"*/{trainable.WEIGHTS}")
            reported.append(load_file(file))

    monkeypatch.setattr(trainable.tune, "report", lambda *_, **__: None)
    monkeypatch.setattr(trainable.tune, "Checkpoint", Checkpoint)
    spec = parse(JOB | {"search": JOB["search"] | {"augment": True}})
    point = {
        "network": "resnet",
        "recipe": {"optimizer": "momentum", "learning_rate": 0.02, "batch_size": 20},
    }
    context = SimpleNamespace(get_trial_id=lambda: "0001")
    monkeypatch.setattr(trainable.tune, "get_context", lambda: context)
    torch.rand(3)
    trainable.train_trial(point, spec=spec, development=development, folder=tmp_path)
    architecture, recipe = trainable.realise(spec, point, RESNET.input_shape, 3)
    network, _ = retrace(architecture, recipe, development, recipe.epochs, torch.device("cpu"))
    (weights,) = reported
    assert weights.keys() == network.state_dict().keys()
    for name, value in network.state_dict().items():
        assert torch.equal(value, weights[name]), name


def test_survivors_of_one_cut_are_the_channels_that_it_kept(
    development: Development, dense: nn.Module
) -> None:
    task = prepared(development, dense)
    widths = tuple(max(2, width // 3) for width in task.candidates.plan.widths)
    kept = survivors(task, None, widths)
    assert [len(channels) for channels in kept] == list(widths)
    cut = task.candidates.plan.prune(dense, kept).state_dict()
    same = task.candidates.cut(widths).state_dict()
    # Batch norm statistics are taken anew; what is learned stays.
    learned = [name for name, _ in dense.named_parameters()]
    assert all(torch.equal(cut[name], same[name]) for name in learned)


def test_channels_are_followed_through_stages_and_rewound(
    development: Development, dense: nn.Module, tmp_path: Path
) -> None:
    # With a rate of almost nothing the fine-tunes between three stages leave the weights,
    # so that the last stage's network is the dense one, cut to the survivors.
    between = {"epochs": 1, "learning_rate_factor": 1e-9}
    steps = {"largest": 0.4, "finetune": between}
    task = prepared(development, dense, targets=(0.75,), episodes=6, stages=steps)
    folder = tmp_path / "target-0.75"
    episodes = list(exploration.explore(task, 0.75, folder))
    chosen = exploration.choose(task, 0.75, episodes, folder)
    assert chosen.start == "target-0.75/stage-2.safetensors"
    start = tmp_path / chosen.start
    kept = survivors(task, start, chosen.widths)
    cut = task.candidates.plan.prune(dense, kept).state_dict()
    same = exploration.begin(task, start).cut(chosen.widths).state_dict()
    for name, _ in dense.named_parameters():
        torch.testing.assert_close(cut[name], same[name], rtol=1e-5, atol=1e-6)
    assert staging.load(task, start).plan.widths != chosen.widths

    work = finetune.FinetuneTask(RewindSpec(rewind_to=0.5), RESNET, task, tmp_path)
    pruned = finetune._cut(work, chosen)
    early, _ = retrace(RESNET, RECIPE, development, 2, torch.device("cpu"))
    finetune.recovery.METHODS["rewind"](pruned, work.spec)
    expected = task.candidates.plan.prune(early, kept).state_dict()
    for name, value in pruned.network.state_dict().items():
        assert torch.equal(value, expected[name]), name


def test_the_stage_expects_as_many_epochs_as_the_method_trains(
    development: Development, dense: nn.Module, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def here(task: finetune.FinetuneTask, pruned: Any, folder: Path, *_: Any) -> Iterator[Any]:
        for result in pruned:
            for metrics in finetune.recover(task, result, folder):
                yield result.target, metrics

    monkeypatch.setattr(artifacts, "save", lambda *_: None)
    monkeypatch.setattr(finetune, "run", here)
    task, tracker, shown = prepared(development, dense), Mock(), StringIO()
    shop = Workshop(
        parse(JOB | {"finetune": {"method": "rewind", "rewind_to": 0.25}}),
        tmp_path, development, tracker, Progress(shown),
    )  # fmt: skip
    trial = TrialRecord(
        number=0, architecture=RESNET, recipe=RECIPE, accuracy=1.0, epochs=4, status="finished"
    )
    searched = SearchResult(trials=(trial,), best=trial, artifact="models/dense")
    (result,) = stages.recover(shop, "run", searched, task, (policy(task, halved(task)),))
    assert [line.split()[0] for line in shown.getvalue().splitlines()] == ["1/3", "2/3"]
    assert [epoch.epoch for epoch in result.epochs] == [2, 3, 4]
    assert result.accuracy == result.epochs[-1].validation_accuracy
    assert tracker.start.call_args.kwargs["parameters"]["finetune.method"] == "rewind"
