from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from search.ledger import Ledger
from secateur.errors import JobConflictError
from secateur.records import Publication
from secateur.spec import parse
from tests.search.made import held_elsewhere

SPEC = parse({"name": "job", "data": {"kind": "digits"}})
RECORD = Publication(name="job", version="1")


@pytest.fixture
def ledger(tmp_path: Path) -> Ledger:
    return Ledger(tmp_path / "job")


def test_records_come_back(ledger: Ledger) -> None:
    with ledger.held(SPEC):
        assert ledger.read("publish", Publication) is None
        ledger.write("publish", Publication, RECORD)
        ledger.write("all", tuple[Publication, ...], (RECORD, RECORD))
    assert ledger.read("publish", Publication) == RECORD
    assert ledger.read("all", tuple[Publication, ...]) == (RECORD, RECORD)
    assert ledger.spec() == SPEC


def test_a_job_that_goes_on_keeps_its_id_and_records(ledger: Ledger) -> None:
    with ledger.held(SPEC):
        ledger.write("publish", Publication, RECORD)
        began = ledger.id
    with ledger.held(SPEC):
        assert ledger.id == began
        assert ledger.read("publish", Publication) == RECORD


def test_a_restart_discards_them(ledger: Ledger) -> None:
    with ledger.held(SPEC):
        ledger.write("publish", Publication, RECORD)
        (ledger.folder / "models").mkdir()
        began = ledger.id
    with ledger.held(SPEC, restart=True):
        assert ledger.id != began
        assert ledger.read("publish", Publication) is None
        assert not (ledger.folder / "models").exists()


def killed(*_: object, **__: object) -> None:
    raise KeyboardInterrupt


@pytest.mark.parametrize("at", ["search.json", "models"])
def test_a_restart_that_is_cut_off_leaves_the_job_as_it_was_before_a_stage(
    ledger: Ledger, monkeypatch: pytest.MonkeyPatch, at: str
) -> None:
    unlink = Path.unlink

    def unlinked(path: Path, *, missing_ok: bool = False) -> None:
        (killed if path.name == at else unlink)(path, missing_ok=missing_ok)

    with ledger.held(SPEC):
        (ledger.folder / "models").mkdir()
        for stage in ("search", "publish"):
            ledger.write(stage, Publication, RECORD)
        began = ledger.id
    with monkeypatch.context() as cut_off:
        cut_off.setattr(Path, "unlink", unlinked)
        cut_off.setattr(shutil, "rmtree", killed)
        with pytest.raises(KeyboardInterrupt), ledger.held(SPEC, restart=True):
            pass
    assert not ledger.has("publish")
    assert ledger.has("search") == (at == "search.json")
    assert (ledger.folder / "models").exists()
    with ledger.held(SPEC):
        assert ledger.id == began


def test_limits_may_change_while_a_job_is_interrupted(ledger: Ledger) -> None:
    asked = {"name": "job", "data": {"kind": "digits"}}
    other = parse(asked | {"limits": {"memory_gb": 4}})
    with ledger.held(SPEC):
        began = ledger.id
    with ledger.held(other):
        assert ledger.spec() == other
        assert ledger.id == began
    both = parse(asked | {"limits": {"memory_gb": 8}, "seed": 3})
    with pytest.raises(JobConflictError, match=r"another seed \(0, now 3\)"), ledger.held(both):
        pass


def test_another_spec_of_the_same_name_is_refused(ledger: Ledger) -> None:
    other = parse({"name": "job", "data": {"kind": "digits"}, "search": {"trials": 3}})
    with ledger.held(SPEC):
        pass
    with pytest.raises(JobConflictError, match=r"search\.trials \(16, now 3\)"), ledger.held(other):
        pass
    assert ledger.spec() == SPEC


def test_a_refused_job_lets_go_of_its_name(ledger: Ledger) -> None:
    other = parse({"name": "job", "data": {"kind": "digits"}, "seed": 3})
    with ledger.held(SPEC):
        ledger.withdraw()
    with ledger.held(other):
        assert ledger.spec() == other


def test_a_job_that_had_begun_before_it_was_refused_keeps_its_name(ledger: Ledger) -> None:
    with ledger.held(SPEC):
        pass
    with ledger.held(SPEC):
        ledger.withdraw()
    assert ledger.spec() == SPEC


def test_a_job_that_another_process_runs_is_refused(ledger: Ledger) -> None:
    with held_elsewhere(ledger.folder) as other:
        with pytest.raises(JobConflictError, match="another process"), ledger.held(SPEC):
            pass
        other.communicate()
    with ledger.held(SPEC):
        pass


def test_a_half_written_record_is_none(ledger: Ledger) -> None:
    with ledger.held(SPEC):
        (ledger.folder / ".publish.json").write_text('{"name"')
        assert ledger.read("publish", Publication) is None


def test_a_record_of_another_version_is_named(ledger: Ledger) -> None:
    with ledger.held(SPEC):
        (ledger.folder / "publish.json").write_text('{"nome": "job"}')
        with pytest.raises(JobConflictError, match=r"publish\.json.*--restart"):
            ledger.read("publish", Publication)


def test_an_unknown_job_names_those_there_are(ledger: Ledger) -> None:
    with ledger.held(SPEC):
        pass
    with pytest.raises(JobConflictError, match="expected one of: job"):
        Ledger(ledger.folder.parent / "other").spec()
