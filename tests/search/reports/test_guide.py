"""docs/reports.md: what it shows is run."""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner

from search.cli import main
from search.ledger import Ledger
from secateur.records import SearchResult

GUIDE = Path(__file__).parents[3] / "docs" / "reports.md"
COMMANDS = re.findall(r"^    secateur (.*)$", GUIDE.read_text(encoding="utf-8"), re.MULTILINE)


@pytest.mark.parametrize("command", COMMANDS)
def test_commands_do_as_they_are_shown(
    command: str,
    measured: Callable[..., Ledger],
    searched: SearchResult,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    jobs = [measured(f"{agent}-s{seed}", 0.9, seed, agent)
            for agent in ("ddpg", "random") for seed in range(3)]  # fmt: skip
    digits = measured("digits", 0.9)
    digits.write("search", SearchResult, inside(searched))
    home = digits.folder.parent
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("SECATEUR_HOME", str(home))
    result = CliRunner().invoke(main, shlex.split(command))
    assert result.exit_code == 0, result.output
    if command.startswith("compare"):
        assert result.output.startswith(f"{len(jobs)} jobs compared\n=")
    elif command.startswith("export"):
        assert (tmp_path / "digits.db").exists()
    else:
        assert sorted(file.name for file in (home / "digits").glob("report.*")) == [
            "report.html",
            "report.md",
        ]


def inside(searched: SearchResult) -> SearchResult:
    """The same in the space of a job that names none, where no weight decay is 0."""
    recipe = searched.best.recipe.model_copy(update={"weight_decay": 1e-4})
    trials = tuple(one.model_copy(update={"recipe": recipe}) for one in searched.trials)
    return searched.model_copy(update={"trials": trials, "best": trials[1]})


def test_the_guide_shows_all_commands() -> None:
    assert [command.split()[0] for command in COMMANDS] == ["report", "export", "compare"]
