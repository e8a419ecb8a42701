from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
import torch

from benchmarks.studies import __main__ as studies
from benchmarks.studies import page
from benchmarks.studies.catalogue import STUDIES
from benchmarks.studies.hidden_layer import Setting, Split, answers, train
from benchmarks.studies.study import ACCURACY, Figures, Row, Study, Table


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
    assert "6 trainings" in text
