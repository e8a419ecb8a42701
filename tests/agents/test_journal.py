from __future__ import annotations

from pathlib import Path

import pytest

from agents.journal import Journal, read_episodes, write_episodes
from agents.problem import PruningProblem
from secateur.errors import StageError
from secateur.records import Episode


def half(widths: tuple[int, ...]) -> float:
    return 0.5


def forbidden(widths: tuple[int, ...]) -> float:
    pytest.fail(f"{widths} was evaluated again")


def test_an_episode_is_on_disk_before_the_next_begins(
    problem: PruningProblem, tmp_path: Path
) -> None:
    journal = Journal(problem, half, tmp_path / "run")
    episode = journal.play((4, 2))
    # 288·4 + 72·4·2 + 16·2, see the network's definition.
    assert episode == Episode(number=0, widths=(4, 2), reward=0.5, flops=1760)
    assert read_episodes(tmp_path / "run" / "episodes.json") == [episode]


def test_what_is_known_is_not_evaluated_again(problem: PruningProblem, tmp_path: Path) -> None:
    first = Journal(problem, half, tmp_path)
    played = [first.play((4, 2)), first.play((3, 1))]
    again = Journal(problem, forbidden, tmp_path)
    assert again((4, 2)) == 0.5
    assert again.play((3, 1)) == played[1]
    assert again.episodes == played


def test_a_folder_of_another_run_is_refused(problem: PruningProblem, tmp_path: Path) -> None:
    Journal(problem, half, tmp_path).play((4, 2))
    with pytest.raises(StageError, match=r"episode 0 has widths \[4, 2\], not \[3, 1\]"):
        Journal(problem, half, tmp_path).play((3, 1))


def test_a_file_is_written_whole_or_not_at_all(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    episodes = [Episode(number=0, widths=(1,), reward=0.1, flops=1)]
    write_episodes(tmp_path / "episodes.json", episodes)

    def killed(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("os.fsync", killed)
    with pytest.raises(KeyboardInterrupt):
        write_episodes(tmp_path / "episodes.json", [])
    assert read_episodes(tmp_path / "episodes.json") == episodes


def test_there_is_nothing_to_read_at_first(tmp_path: Path) -> None:
    assert read_episodes(tmp_path / "episodes.json") == []
