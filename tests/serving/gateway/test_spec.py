"""Settings, keys, and what is wrong with them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from secateur.errors import SpecError
from serving.errors import ServerStartError
from serving.gateway.journal import FILE, Journal
from serving.gateway.members import Member, members, operators
from serving.gateway.spec import load, parse
from tests.serving.gateway.conftest import FOUR, ONE, TWO, Settings

EXAMPLE = Path(__file__).parents[3] / "examples" / "gateway.yaml"
TEAM = {"keys": {"anna": ONE}}


def test_the_example() -> None:
    spec = load(EXAMPLE, environment={"SECATEUR_HOME": "/home"})
    assert list(spec.teams) == ["vision", "motors"]
    assert spec.folder == Path("/home/.gateway")
    assert spec.access_log == Path("/home/.gateway/access.log")


def test_the_command_line_counts_for_more() -> None:
    spec = load(EXAMPLE, {"port": 9000, "host": None, "address": "http://head:8265"}, {})
    assert (spec.port, spec.host, spec.address) == (9000, "127.0.0.1", "http://head:8265")


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"teams": {}}, "teams"),
        ({"teams": {"a.b": TEAM}}, "teams.a.b: 'a.b'"),
        ({"teams": {"A": TEAM}}, "teams.A"),
        ({"teams": {"red": {}}}, "teams.red.keys: is missing"),
        ({"teams": {"red": {"keys": {}}}}, "teams.red.keys"),
        ({"teams": {"red": {"keys": {"anna": "secret"}}}}, "teams.red.keys.anna"),
        ({"teams": {"red": {"keys": {"a/b": ONE}}}}, "teams.red.keys.a/b: 'a/b'"),
        ({"teams": {"red": TEAM, "blue": TEAM}}, "teams: {'red'"),
        ({"teams": {"red": TEAM, "blue": TEAM}}, "keys that belong to one client each"),
        ({"operators": {"ops": ONE}}, "operators: {'ops'"),
        ({"operators": {"ops": ONE}}, "keys that belong to one client each"),
        ({"teams": {"red": TEAM | {"jobs_at_once": 0}}}, "teams.red.jobs_at_once"),
        ({"teams": {"red": TEAM | {"cpu_hour": 3}}}, "expected 'cpu_hours'"),
        ({"address": "head:8265"}, "address: 'head:8265'"),
        ({"jobs_at_once": 0}, "jobs_at_once"),
        ({"port": 70_000}, "port"),
        ({"keep_days": 30}, "keep_days: 30"),
    ],
)
def test_settings_that_are_refused(changes: dict[str, Any], words: str) -> None:
    with pytest.raises(SpecError) as refusal:
        parse({"teams": {"red": TEAM}, "folder": "x"} | changes)
    assert words in str(refusal.value)


def test_keys_know_their_team(settings: Settings) -> None:
    keys = members(settings())
    assert keys.match("two") == Member("red/ci", bytes.fromhex(TWO), team="red")
    assert keys.match("two").person == "ci"
    assert keys.match("four") is None
    assert operators(settings()).match("four") == Member("ops", bytes.fromhex(FOUR))
    assert operators(settings()).match("one") is None


def test_one_gateway_a_journal(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("serving.gateway.journal_file._PATIENCE_S", 0.0)
    with (
        Journal(tmp_path),
        pytest.raises(ServerStartError, match=r"database is locked; expected one gateway a folder"),
    ):
        Journal(tmp_path)
    Journal(tmp_path).close()


def test_a_journal_that_is_none(tmp_path: Path) -> None:
    (tmp_path / FILE).write_text("not a journal, but long enough to be read as one\n" * 10)
    with pytest.raises(ServerStartError, match="expected a journal"):
        Journal(tmp_path)


def test_a_journal_that_cannot_be_opened(tmp_path: Path) -> None:
    (tmp_path / FILE).mkdir()
    with pytest.raises(ServerStartError, match="unable to open database file; expected a file"):
        Journal(tmp_path)


def test_a_journal_of_another_version(tmp_path: Path) -> None:
    with Journal(tmp_path) as journal:
        journal._db.execute("PRAGMA user_version = 9")
    with pytest.raises(ServerStartError, match="of version 9; this Sécateur reads 1"):
        Journal(tmp_path)
