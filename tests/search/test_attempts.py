from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from search import attempts


@pytest.fixture
def trial(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """A trial's checkpoint, into which all of its attempts write, and its last metrics."""
    found: dict[str, Any] = {"files": tmp_path, "metrics": {}}

    def report(metrics: dict[str, Any], checkpoint: Path) -> None:
        for source in checkpoint.rglob("*"):
            place = tmp_path / source.relative_to(checkpoint)
            place.mkdir() if source.is_dir() else place.write_bytes(source.read_bytes())
        found["metrics"] = metrics

    monkeypatch.setattr(attempts.tune, "report", report)
    monkeypatch.setattr(attempts.tune, "Checkpoint", SimpleNamespace(from_directory=Path))
    return found


def attempt(content: str) -> None:
    with attempts.outputs() as kept:
        (kept.folder / "weights").write_text(content)
        kept.report({"last": True})
    assert not kept.folder.exists()


def result(trial: dict[str, Any]) -> Any:
    return SimpleNamespace(
        checkpoint=SimpleNamespace(path=str(trial["files"])), metrics=trial["metrics"]
    )


def test_what_is_read_is_of_the_attempt_that_was_heard_from_last(trial: dict[str, Any]) -> None:
    attempt("second")
    heard = trial["metrics"]
    # A worker that was taken for lost ends after the retry; Tune does not listen to it.
    attempt("first")
    trial["metrics"] = heard
    folder = attempts.kept(result(trial))
    assert folder is not None
    assert (folder / "weights").read_text() == "second"


def test_trials_of_older_jobs_are_read_from_the_checkpoint_itself(trial: dict[str, Any]) -> None:
    assert attempts.kept(result(trial)) == trial["files"]


def test_a_trial_may_have_left_nothing() -> None:
    nothing: Any = SimpleNamespace(checkpoint=None, metrics=None)
    assert attempts.kept(nothing) is None
