from __future__ import annotations

from pathlib import Path

import pytest
from mlflow import MlflowClient

from benchmarks.many_runs import Served, fill, questions
from benchmarks.sections import many_runs
from benchmarks.team import Member

FACTS = dict.fromkeys(
    ("processor", "cores", "load_before", "torch", "ray", "torch-pruning", "python", "date",
     "command"), "known",
)  # fmt: skip


def test_the_section_tells_the_median_and_the_longest() -> None:
    turns = [{"opened": seconds, "page in a browser": 2.0} for seconds in (0.5, 0.1, 0.2)]
    result = {
        "settings": {"trials": 10_000, "epochs": 8},
        "hardware": FACTS,
        "rounds": turns,
        "filled": {"recorded_seconds": 10.4, "sent_seconds": 99.6},
    }
    lines = many_runs.lines({"sqlite": result, "postgresql": result})
    assert "| opened | 0.20 (0.50) | 0.20 (0.50) |" in lines
    assert "| all runs sent | 100 | 100 |" in lines
    assert any("a job of 10,000 trials of 8 epochs" in line for line in lines)


def test_the_store_is_filled_as_a_job_does(tmp_path: Path) -> None:
    """Trial n of 4 ends at accuracy (n + 1) / 5; a third of them are ResNets, here number 1."""
    store = f"sqlite:///{tmp_path / 'mlflow.db'}"
    served = Served(store, tmp_path.as_uri(), Member(store, "", ""))
    taken = fill(served, tmp_path, trials=4, epochs=2)
    assert 0 < taken["recorded_seconds"] < taken["sent_seconds"]
    client = MlflowClient(store)
    asked = questions(client)

    def found(name: str) -> list[float]:
        question = asked[name]
        runs = client.search_runs(
            question["experiment_ids"], question.get("filter", ""), order_by=question["order_by"]
        )
        return [run.data.metrics.get("validation/accuracy", 0.0) for run in runs]

    assert len(found("opened")) == 6
    assert found("sorted by accuracy")[:4] == pytest.approx([0.8, 0.6, 0.4, 0.2])
    assert sorted(found("trials of the search")) == pytest.approx([0.2, 0.4, 0.6, 0.8])
    assert found("filtered by accuracy and network") == []  # trial 1 has 0.4
