from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from PIL import Image
from torch import nn

from benchmarks.studies import __main__ as studies
from benchmarks.studies import grids, mnist_mlp, page
from benchmarks.studies.catalogue import STUDIES
from benchmarks.studies.hidden_layer import Setting, Split, answers, train
from benchmarks.studies.perceptrons import without_biases
from benchmarks.studies.study import ACCURACY, Figures, Row, Study, Table
from secateur.data import Dataset, Images


def test_one_step_of_gradient_descent_from_zero() -> None:
    # One image of two pixels, target 1. All weights 0: the hidden sigmoid and the output are
    # both 0.5. d(loss)/d(output's sum) = (0.5 - 1) · 0.5 · 0.5 = -0.125; the output weight's
    # gradient is that times the hidden 0.5. What is below has a zero weight above it.
    shown = Split(torch.tensor([[1.0, 3.0]]).double(), torch.ones(1, 1).double())
    setting = Setting(hidden=1, rate=2.0, steps=1)
    first, bias, second, last = train(setting, shown, seed=1)
    assert first.flatten().tolist() == [0.0, 0.0]
    assert bias.tolist() == [0.0]
    assert second.item() == pytest.approx(2.0 * 0.125 * 0.5)
    assert last.item() == pytest.approx(2.0 * 0.125)


def test_a_relu_that_starts_at_zero_answers_the_same_for_every_image() -> None:
    shown = Split(torch.rand(20, 4).double(), torch.ones(20, 1).double())
    setting = Setting(activation="relu", steps=50)
    outputs = answers(train(setting, shown, seed=1), shown.pixels, setting)
    assert outputs.unique().numel() == 1
    drawn = replace(setting, weights=None)
    assert answers(train(drawn, shown, seed=1), shown.pixels, drawn).unique().numel() == 20


@pytest.mark.parametrize("study", STUDIES.values(), ids=STUDIES)
def test_tables_and_rows_have_names_of_their_own(study: Study) -> None:
    names = [table.name for table in study.tables]
    assert len(set(names)) == len(names)
    for table in study.tables:
        rows = [row.name for row in table.rows]
        assert len(set(rows)) == len(rows)
        known = {metric.key for metric in table.metrics}
        assert all(set(row.published) <= known for row in table.rows)


def test_rows_are_played_once_and_shown_beside_the_published(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(page, "RESULTS", tmp_path)
    monkeypatch.setattr(page, "FOLDER", tmp_path / "docs")
    seeds: list[int] = []

    def play(seed: int) -> Figures:
        seeds.append(seed)
        return {"accuracy": {1: 0.90, 2: 0.92, 3: 0.94}[seed]}

    rows = (Row("here", play, {"accuracy": 91.5}), Row("not in print", play, {}))
    table = Table("table", "What varies", (ACCURACY,), rows)
    study = Study("study", "A study", "What is shared.", (table,))
    page.publish(study)
    assert not (tmp_path / "docs").exists()
    for seed in (1, 2, 3, 3):
        studies.record(study, table, seed)
    page.publish(study)
    assert seeds == [1, 1, 2, 2, 3, 3]
    text = (tmp_path / "docs/study.md").read_text()
    # Mean of 90, 92 and 94; the squares of the deviations, 4 + 0 + 4, over n - 1 = 2 are 4.
    assert "| here | 91.5 | 92.00 ± 2.00 |" in text
    assert "| not in print | - | 92.00 ± 2.00 |" in text
    assert "6 rows of all seeds" in text


def test_confusions_are_counted_and_drawn(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(mnist_mlp, "PICTURE", tmp_path / "read.png")
    # A network of ten pixels in, ten digits out, that says which pixel is the brightest.
    network = nn.Sequential(nn.Flatten(), nn.Linear(10, 10, bias=False))
    nn.init.eye_(network[1].weight)
    said, truths = np.array([0, 1, 1, 7, 3]), np.array([0, 1, 7, 7, 3])
    pixels = (np.eye(10, dtype=np.uint8) * 255)[said].reshape(-1, 1, 1, 10)
    test = Images(pixels, truths)
    content = Dataset("lines", tuple("0123456789"), test, test, test, (0.0,), (1.0,), "", "")
    counts = mnist_mlp.confusion(network, content)
    assert counts["7"] == {str(digit): float(digit in {1, 7}) for digit in range(10)}
    assert sum(sum(row.values()) for row in counts.values()) == len(said)
    assert counts["3"]["3"] == 1
    with Image.open(tmp_path / "read.png") as picture:
        assert picture.width > picture.height


def test_a_network_without_biases_sends_nothing_to_nothing() -> None:
    network = nn.Sequential(nn.Linear(2, 4), nn.ReLU(), nn.Linear(4, 1))
    weights = network[0].weight.clone()
    without_biases(network)
    assert network(torch.zeros(1, 2)).item() == 0.0
    assert torch.equal(network[0].weight, weights)


def test_a_row_can_begin_with_other_weights(monkeypatch: pytest.MonkeyPatch) -> None:
    trained: list[float] = []

    def train(network: nn.Linear, *_: object) -> Iterator[SimpleNamespace]:
        trained.append(network.weight.item())
        yield SimpleNamespace(epoch=1)

    monkeypatch.setattr(grids, "train", train)
    monkeypatch.setattr(grids, "build", lambda *_: nn.Linear(1, 1))
    row = grids.begun(
        "calculator-sum",
        "sevens",
        lambda network, _: {"weight": network.weight.item()},
        lambda network: nn.init.constant_(network.weight, 7.0),
    )
    assert row.play(1) == {"weight": 7.0}
    assert trained == [7.0]
