from __future__ import annotations

import json
from pathlib import Path

import pytest

from agents import generation
from benchmarks import generator_pruning
from benchmarks.generator_pruning import PRUNE, Bench, Subject, record
from benchmarks.sections.generator_pruning import lines
from secateur import data
from secateur.models.generators import latent_of
from secateur.records import Architecture, GenerativeRecipe, Likeness
from secateur.spec import DigitsData, GeneratorRecoverySpec


class Judge:
    """The darker, the farther."""

    count = 8

    def __call__(self, images):
        distance = float(2 - images.mean())
        return Likeness(judge="", images=8, distance=distance, kernel_distance=0, coverage=1,
                        collapsed=False)  # fmt: skip


@pytest.fixture
def subject(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Subject:
    """A small GAN of a few real digits, with the shortest of trainings."""
    small = Architecture(
        name="mlp-gan",
        arguments={"latent": 4, "first": 8, "second": 8, "third": 8},
        input_shape=(1, 8, 8),
        classes=1,
    )
    monkeypatch.setattr(generation, "NOISE", 64)
    for name, value in {
        "ARCHITECTURE": small,
        "RECIPE": GenerativeRecipe(steps=2),
        "RECOVERY": GeneratorRecoverySpec(steps=2, rerank_steps=1),
        "EPISODES": 3,
    }.items():
        monkeypatch.setattr(generator_pruning, name, value)
    monkeypatch.setattr(Bench, "chooses", Judge())
    monkeypatch.setattr(Bench, "reports", Judge())
    bench = Bench(data.load(DigitsData(limit=60), 0), tmp_path / "home", tmp_path / "results")
    return Subject(1, bench)


def test_every_part_is_kept_and_the_page_shows_it(subject: Subject) -> None:
    results = subject.bench.results
    parts = {"dense": subject.trained, "longer": subject.longer}
    parts |= {name: lambda name=name: subject.pruned(name) for name in ("random", "uniform")}
    for name, make in parts.items():
        record(name, 1, results, make)
        record(name, 1, results, lambda: pytest.fail("made again"))
    found = {file.stem: json.loads(file.read_text()) for file in results.glob("*.json")}
    assert len(found["random-1"]["rewards"]) == 3
    assert len(found["uniform-1"]["rewards"]) == 1
    assert found["random-1"]["flops_cut"] >= PRUNE.targets[0]
    assert found["random-1"]["widths"] in found["random-1"]["finalists"]
    page = "\n".join(lines(found))
    for name in ("dense", "random"):
        assert f"{found[f'{name}-1']['distance']:.2f}" in page


def test_weights_of_the_whole_training_come_back(subject: Subject) -> None:
    subject.trained()
    assert subject.model.critic is not None
    assert subject.model.generator.latent == latent_of(generator_pruning.ARCHITECTURE)
