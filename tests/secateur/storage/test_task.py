from __future__ import annotations

from pathlib import Path

import pytest

from secateur.errors import StageError
from secateur.storage.task import TaskShelf


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home whose jobs are kept in ``tmp/storage``."""
    monkeypatch.setenv("SECATEUR_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("SECATEUR_STORAGE", f"file://{tmp_path / 'storage'}")
    return tmp_path / "home"


def agent(home: Path, episodes: str | None = None) -> Path:
    folder = home / "job" / "agents" / "target-0.5"
    folder.mkdir(parents=True, exist_ok=True)
    if episodes is not None:
        (folder / "episodes.json").write_text(episodes, encoding="utf-8")
    return folder


def test_a_task_goes_on_where_another_machine_was(home: Path, tmp_path: Path) -> None:
    first = TaskShelf(agent(home))
    first.begin()
    agent(home, "[1]")
    first.keep()
    home.rename(tmp_path / "lost")  # with the machine
    folder = home / "job" / "agents" / "target-0.5"
    TaskShelf(folder).begin()
    assert (folder / "episodes.json").read_text() == "[1]"


def test_an_attempt_that_was_given_up_keeps_nothing(home: Path, tmp_path: Path) -> None:
    first = TaskShelf(agent(home, "[1]"))
    first.begin()
    first.keep()
    second = TaskShelf(agent(home))
    second.begin()
    agent(home, "[1, 2]")
    second.keep()
    agent(home, "[1, 3]")
    with pytest.raises(StageError, match="only the last one may write"):
        first.keep()
    kept = tmp_path / "storage" / "job" / "agents" / "target-0.5" / "episodes.json"
    assert kept.read_text() == "[1, 2]"


def test_tasks_that_share_a_folder_do_not_end_each_other(home: Path) -> None:
    one = TaskShelf(home / "job", "models/flops-0.5/*", "samples-0.5.npz")
    other = TaskShelf(home / "job", "models/flops-0.75/*", "samples-0.75.npz")
    one.begin()
    other.begin()
    one.keep()
    other.keep()


def test_without_a_storage_nothing_is_done(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SECATEUR_STORAGE", raising=False)
    shelf = TaskShelf(agent(tmp_path, "[1]"))
    shelf.begin()
    shelf.fetch()
    shelf.keep()
    assert sorted(path.name for path in agent(tmp_path).iterdir()) == ["episodes.json"]
