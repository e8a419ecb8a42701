"""Commands on jobs of both kinds, and on folders of the wrong one."""

from __future__ import annotations

from pathlib import Path

import pytest

from search import kinds
from search.ledger import Ledger
from search.reports.records import JobRecords
from search.status import read
from secateur.errors import JobConflictError
from secateur.spec import AnySpec, GenerationSpec, parse

GENERATIVE = {"name": "gan", "task": "generation", "data": {"kind": "digits"}}
ANSWERING = {"name": "digits", "data": {"kind": "digits"}}


def begun(home: Path, content: dict[str, object]) -> Ledger:
    spec: AnySpec = parse(content)
    ledger = Ledger(home / spec.name)
    with ledger.held(spec):
        pass
    return ledger


def test_the_folder_of_a_job_knows_its_kind(tmp_path: Path) -> None:
    assert isinstance(begun(tmp_path, GENERATIVE).spec(), GenerationSpec)
    assert not isinstance(begun(tmp_path, ANSWERING).spec(), GenerationSpec)


def test_a_job_that_has_just_begun_can_be_told_of(tmp_path: Path) -> None:
    for content, stage in ((GENERATIVE, "recover"), (ANSWERING, "finetune")):
        told = kinds.summary(begun(tmp_path, content))
        assert f"not done yet: search, prune, {stage}, evaluate, publish" in told


def test_the_page_is_written_into_the_folder_or_a_file(tmp_path: Path) -> None:
    for content in (GENERATIVE, ANSWERING):
        ledger = begun(tmp_path, content)
        kinds.report(ledger)
        assert (ledger.folder / "report.html").exists()
        kinds.report(ledger, tmp_path / "page.md")
        assert (tmp_path / "page.md").read_text().startswith(f"# {content['name']}")


def test_what_is_for_one_kind_refuses_the_other(tmp_path: Path) -> None:
    with pytest.raises(JobConflictError, match="a job of a generator; expected a job of a classif"):
        JobRecords.read(begun(tmp_path, GENERATIVE))
    with pytest.raises(JobConflictError, match="expected a job of a generator"):
        begun(tmp_path, ANSWERING).spec_of(GenerationSpec)


def test_status_of_a_job_that_says_nothing_has_the_stages_of_its_kind(tmp_path: Path) -> None:
    found = read(begun(tmp_path, GENERATIVE).folder)
    assert found.stages == ("search", "prune", "recover", "evaluate", "publish")


def test_a_name_is_not_begun_again_as_another_kind(tmp_path: Path) -> None:
    ledger = begun(tmp_path, GENERATIVE)
    other = parse(ANSWERING | {"name": "gan"})
    with pytest.raises(JobConflictError, match="'gan' was begun with another"), ledger.held(other):
        pass
