from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from benchmarks import page, recovery
from benchmarks.recovery_rows import EPOCHS, ROWS, Subject
from secateur import data
from secateur.spec import DigitsData
from secateur.training import supervised


@pytest.fixture(scope="module")
def subject() -> Subject:
    """A LeNet on a few real digits, trained."""
    found = Subject(1, data.load(DigitsData(limit=100), 0))
    found.dense.eval()
    return found


@pytest.fixture
def epochs(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """Grows by one with every epoch that is trained."""
    run: list[Any] = []
    real = supervised._epoch
    monkeypatch.setattr(supervised, "_epoch", lambda *given: (run.append(given), real(*given))[1])
    return run


@pytest.mark.parametrize("row", sorted(ROWS))
def test_every_row_has_its_epochs_and_its_widths(
    subject: Subject, epochs: list[Any], row: str
) -> None:
    network = ROWS[row](subject)
    once = row in ("dense-twice-as-long", "at-initialisation", "during-training")
    # What begins with the trained network has spent half of its epochs on that.
    expected = {"dense": 0, "cut-alone": 0}.get(row, 2 * EPOCHS if once else EPOCHS)
    assert len(epochs) == expected
    found, cost = recovery.measures(network, subject.data), subject.cost
    whole = row.startswith(("dense", "unstructured"))
    widths = cost.dense_widths if whole else subject.widths
    assert found["flops"] == cost.flops(widths)
    assert found["parameters"] == cost.parameters(widths)
    zeroed = cost.dense_parameters - cost.parameters(subject.widths)
    assert found["zeros"] == (zeroed if row.startswith("unstructured") else 0)


def test_a_result_is_kept_and_the_page_shows_it(
    subject: Subject, epochs: list[Any], tmp_path: Path
) -> None:
    folder = tmp_path / "recovery"
    recovery.record("cut-alone", subject, folder)
    recovery.record("finetune-distilled", subject, folder)
    assert len(epochs) == EPOCHS
    recovery.record("finetune-distilled", subject, folder)
    assert len(epochs) == EPOCHS
    other = json.loads((folder / "cut-alone-1.json").read_text())
    changed = other | {"seed": 2, "accuracy": other["accuracy"] + 0.02}
    (folder / "cut-alone-2.json").write_text(json.dumps(changed))
    text = page.page([folder])
    # Two values 2 points apart stand 1 from their mean: 2·1² / (2 - 1) is the variance. Here
    # so few images teach the network nothing, so that 1 point makes the best mean.
    middle = 100 * other["accuracy"] + 1
    assert f"| Cut after training, no recovery | 2 | **{middle:.2f} ± 1.41** |" in text
    assert "| Fine-tuned at 0.3 of the rate, distilled | 1 |" in text
    assert "mean ± standard deviation over 2 seeds" in text
