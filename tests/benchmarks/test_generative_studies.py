from __future__ import annotations

import math
from collections.abc import Iterator
from pathlib import Path

import pytest

from benchmarks.page import write
from benchmarks.studies import generative, page
from benchmarks.studies.generative import DISTANCE, Case, Setting, course, rows
from benchmarks.studies.study import Figures, Row, Study, Table
from secateur.records import GenerativeRecipe
from secateur.spec import DigitsData

MACHINE = (
    *("processor", "cores", "load_before", "date", "command"),
    *("python", "torch", "ray", "torch-pruning"),
)
RECIPE = GenerativeRecipe(steps=6, interval=2, batch_size=8)
SMALL = Setting("dcgan", (("width", 2), ("critic_width", 2)), RECIPE, DigitsData(limit=100))


@pytest.fixture(scope="module", autouse=True)
def _own_home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Features are kept in the home; what is cached of it must not outlive it."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SECATEUR_HOME", str(tmp_path_factory.mktemp("home")))
        yield
    generative.judge.cache_clear()


def test_a_row_is_one_training_judged() -> None:
    (row,) = rows({"as it is": Case(SMALL, "what is said")})
    found = row.play(1)
    assert row.claim == "what is said"
    assert found["steps"] == 6
    assert found["milliseconds"] == pytest.approx(1000 * found["seconds"] / 6)
    assert 0 < found["brightness"] < 1
    assert found["distance"] > 0
    assert row.play(1) is found
    generative.at_end.cache_clear()
    assert row.play(1)["distance"] == found["distance"]
    assert row.play(2)["distance"] != found["distance"]


def test_the_points_of_a_course_are_of_one_training(monkeypatch: pytest.MonkeyPatch) -> None:
    begun: list[object] = []
    begin = generative.begin
    monkeypatch.setattr(generative, "begin", lambda *given: (begun.append(given), begin(*given))[1])
    # Reports come at 2, 4 and 6: the first at 3 or after is that at 4.
    played = {row.name: row.play(1) for row in course(SMALL, "step", {3: "", 6: ""}, "{} steps")}
    assert {name: found["steps"] for name, found in played.items()} == {"3 steps": 4, "6 steps": 6}
    assert len(begun) == 1
    (end,) = rows({"end": Case(SMALL)})
    assert end.play(1)["distance"] == played["6 steps"]["distance"]


def test_what_diverged_is_judged_as_grey() -> None:
    steep = SMALL.but({"optimizer": "sgd", "learning_rate": 1e30, "loss": "wasserstein"})
    (row,) = rows({"steep": Case(steep)})
    found = row.play(1)
    assert all(math.isfinite(value) for value in found.values())
    assert found["collapsed"] == 1


def test_a_setting_keeps_what_is_not_changed() -> None:
    wider = SMALL.but({"steps": 3}, width=4)
    assert dict(wider.arguments) == {"width": 4, "critic_width": 2}
    assert (wider.recipe.steps, wider.recipe.batch_size) == (3, 8)


def test_claims_are_shown_and_missing_rows_marked(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(page, "RESULTS", tmp_path)
    monkeypatch.setattr(page, "FOLDER", tmp_path / "docs")

    def play(_seed: int) -> Figures:
        return {"distance": 2.5}

    played = Row("played", play, {}, "much slower")
    table = Table("table", "What varies", (DISTANCE,), (played, Row("waiting", play, {})))
    study = Study("study", "A study", "What is shared.", (table,))
    content = {
        "rows": {"played": {"figures": played.play(1), "seconds": 1.0}},
        "machine": dict.fromkeys(MACHINE, "-"),
    }
    write(page.file(study, table, 1), content)
    page.publish(study)
    text = (tmp_path / "docs/study.md").read_text()
    assert "|  | Published | Distance, ours |" in text
    assert "| played | much slower | 2.50 (n = 1) |" in text
    assert "| waiting | - | not played |" in text
