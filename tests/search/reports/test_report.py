"""The page about a job, finished or not, and the command that writes it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml
from click.testing import CliRunner, Result
from PIL import Image

from benchmarks.synthetic_job import synthetic_job
from search.cli import main
from search.ledger import Ledger
from search.pictures.picture import Picture
from search.reports import report, trials
from search.reports.document import Code, Document, Facts, Gallery, Listing, Notice, Table
from search.reports.illustrated import illustrated, keep
from search.reports.records import JobRecords
from search.status import Status, StatusFile
from secateur.records import (
    DataUsed,
    EpochMetrics,
    Evaluation,
    FinetuneResult,
    PruningResult,
    Publication,
    Recipe,
    SearchResult,
)
from secateur.spec import JobSpec, parse
from tests.search.reports.conftest import Record

PUBLISHED = Publication(name="digits", version="3")


@pytest.fixture
def tuned() -> tuple[FinetuneResult, ...]:
    """Both targets recovered in one epoch, the second to 90 %."""
    return tuple(
        FinetuneResult(
            target=target,
            artifact=f"models/flops-{target:g}",
            accuracy=accuracy,
            epochs=(
                EpochMetrics(
                    epoch=1, train_loss=1, validation_loss=1, validation_accuracy=accuracy
                ),
            ),
        )
        for target, accuracy in ((0.5, 0.96), (0.75, 0.9))
    )


@pytest.fixture
def finished(
    record: Record,
    searched: SearchResult,
    pruned: tuple[PruningResult, ...],
    tuned: tuple[FinetuneResult, ...],
    evaluation: Evaluation,
) -> Ledger:
    """A job with all its records and one picture."""
    ledger = record(
        search=searched, prune=pruned, finetune=tuned, evaluate=evaluation, publish=PUBLISHED
    )
    file = ledger.folder / "pictures" / "one.png"
    file.parent.mkdir()
    Image.new("L", (4, 4)).save(file)
    keep(ledger, (Picture(file, "One", "A picture."),))
    return ledger


def blocks(page: Document, title: str) -> tuple[Any, ...]:
    (found,) = (section.blocks for section in page.sections if section.title == title)
    return found


def table(page: Document, title: str) -> Table:
    return next(block for block in blocks(page, title) if isinstance(block, Table))


def lead(page: Document) -> dict[str, str]:
    (facts,) = (block for block in page.lead if isinstance(block, Facts))
    return dict(facts.rows)


def test_the_page_of_a_finished_job(finished: Ledger) -> None:
    page = report.document(JobRecords.read(finished))
    assert page.title == "digits"
    assert page.about == "Classification of digits, seed 0"
    assert [section.title for section in page.sections] == [
        "Dense against compressed",
        "Search",
        "Pruning",
        "Gate",
        "How to do it again",
    ]
    assert list(lead(page)) == ["Tried", "Won", "Gate"]
    assert "97.50% (-0.50 points)" in lead(page)["Won"]
    assert not [block for block in page.lead if isinstance(block, Notice)]


def test_each_target_from_the_cut_to_the_test_split(finished: Ledger) -> None:
    found = table(report.document(JobRecords.read(finished)), "Pruning")
    assert found.rows == (
        ("FLOPs -50%", "51.0%", "70.00%", "1", "96.00%", "97.50%"),
        ("FLOPs -75%", "76.0%", "70.00%", "1", "90.00%", "94.00%"),
    )


def test_the_channels_that_agents_left(finished: Ledger) -> None:
    *_, groups = blocks(report.document(JobRecords.read(finished)), "Pruning")
    assert groups.head == ("Channels of group", "dense", "FLOPs -50%", "FLOPs -75%")
    assert groups.rows == (
        ("first", "8", "6 (75%)", "4 (50%)"),
        ("second", "16", "8 (50%)", "5 (31%)"),
    )


def test_every_bound_of_the_gate(record: Record, evaluation: Evaluation) -> None:
    """97.5 % of 98 %, half of the FLOPs: the drop of 0.5 points is too large here."""
    bounds = {"min_accuracy": 0.9, "max_accuracy_drop": 0.002, "min_flops_cut": 0.5}
    spec = parse({"name": "digits", "data": {"kind": "digits"}, "publish": bounds})
    page = report.document(JobRecords.read(record(spec, evaluate=evaluation)))
    assert table(page, "Gate").rows == (
        ("publish.min_accuracy", "90.00%", "97.50%", "held"),
        ("publish.max_accuracy_drop", "0.20%", "0.50%", "missed"),
        ("publish.min_flops_cut", "50.00%", "50.00%", "held"),
    )


def test_trials_are_listed_with_what_varies(searched: SearchResult) -> None:
    rates = (0.01, 0.02, 0.03)
    varied = tuple(
        trial.model_copy(update={"recipe": Recipe(learning_rate=rate, augment=("shift",))})
        for trial, rate in zip(searched.trials, rates, strict=True)
    )
    _, alike, found = trials.section(
        searched.model_copy(update={"trials": varied, "best": varied[1]}), "accuracy"
    ).blocks
    assert isinstance(found, Listing)
    # The one that finished, then the one that was stopped at 90 %, then the one that failed.
    assert found.head(3).rows == (
        ("1", "lenet (width 2.0)", "99.00%", "1 k", "4", "finished", "0.02"),
        ("0", "lenet (width 2.0)", "90.00%", "1 k", "1", "stopped early", "0.01"),
        ("2", "lenet (width 2.0)", "", "1 k", "0", "failed", "0.03"),
    )
    assert found.marked == 0
    assert found.columns[2].values == (0.99, 0.9, None)
    assert "augment shift" in alike.text
    assert "learning rate" not in alike.text


def test_whole_numbers_of_a_recipe_are_told_whole() -> None:
    column = trials.choice("batch_size", [64, 1024])
    assert (column.title, column.cells, column.values) == ("batch size", ("64", "1024"), (64, 1024))
    assert trials.choice("learning_rate", [0.00123456, 0.1]).cells == ("0.00123", "0.1")


def test_the_front_is_told_where_there_is_a_choice(searched: SearchResult) -> None:
    best = searched.best.model_copy(update={"flops": 2000})
    cheap = best.model_copy(update={"number": 0, "accuracy": 0.9, "flops": 1000})
    ahead = searched.model_copy(
        update={"trials": (cheap, best, searched.trials[2]), "best": best, "front": (0, 1)}
    )
    found = trials.section(ahead, "accuracy").blocks[1]
    assert isinstance(found, Table)
    assert found.rows == (
        ("lenet (width 2.0)", "90.00%", "1 k"),
        ("lenet (width 2.0)", "99.00%", "2 k"),
    )
    assert found.marked == (1,)
    alone = trials.section(ahead.model_copy(update={"front": (1,)}), "accuracy").blocks
    assert not [block for block in alone if isinstance(block, Table)]


def test_ten_thousand_trials_are_all_in_the_page(tmp_path: Path) -> None:
    ledger = synthetic_job(tmp_path / "large", 10_000)
    found = JobRecords.read(ledger).searched
    assert found is not None
    _, *_, listed = trials.section(found, "accuracy").blocks
    assert isinstance(listed, Listing)
    assert len(listed) == 10_000
    assert sorted(map(int, listed.columns[0].cells)) == list(range(10_000))


def test_the_job_file_in_the_page_is_the_job(finished: Ledger) -> None:
    code = [
        block
        for block in blocks(report.document(JobRecords.read(finished)), "How to do it again")
        if isinstance(block, Code) and block.language == "yaml"
    ]
    assert parse(yaml.safe_load(code[0].text)) == finished.spec()


def test_data_are_told_by_their_digest(record: Record, searched: SearchResult) -> None:
    data = DataUsed(
        name="digits",
        digest="ab" * 32,
        split_digest="cd" * 32,
        images={"train": 1150, "test": 360},
        classes=10,
    )
    page = report.document(JobRecords.read(record(search=searched, data=data)))
    facts = dict(blocks(page, "How to do it again")[-1].rows)
    assert facts["data"] == "digits: 1,150 train, 360 test images, 10 classes"
    assert facts["data digest"] == f"SHA-256 {'ab' * 32}"


@pytest.mark.parametrize(
    ("done", "missing"),
    [
        ((), "search, prune, finetune, evaluate, publish"),
        (("search",), "prune, finetune, evaluate, publish"),
        (("search", "prune"), "finetune, evaluate, publish"),
        (("search", "prune", "evaluate"), "finetune, publish"),
    ],
)
def test_an_unfinished_job_is_told_as_far_as_it_came(
    done: tuple[str, ...],
    missing: str,
    record: Record,
    searched: SearchResult,
    pruned: tuple[PruningResult, ...],
    evaluation: Evaluation,
) -> None:
    known = {"search": searched, "prune": pruned, "evaluate": evaluation}
    page = report.document(JobRecords.read(record(**{stage: known[stage] for stage in done})))
    (notice,) = (block for block in page.lead if isinstance(block, Notice))
    assert notice.text.startswith(f"Not done yet: {missing}. ")


def test_a_job_that_runs_says_so(record: Record, searched: SearchResult) -> None:
    ledger = record(search=searched)
    with ledger.held(ledger.spec()):
        (notice, _) = report.document(JobRecords.read(ledger)).lead
    assert notice.text.endswith("The job is running.")


@pytest.mark.parametrize(
    ("status", "told"),
    [
        (Status(job="digits", state="interrupted"), "was interrupted; run again, it goes on"),
        (Status(job="digits", state="failed", reason="prune: <no> memory"), "prune: <no> memory;"),
    ],
)
def test_a_job_that_ended_early_says_why(
    status: Status, told: str, record: Record, searched: SearchResult
) -> None:
    ledger = record(search=searched)
    StatusFile(ledger.folder).write(status, now=True)
    (notice, _) = report.document(JobRecords.read(ledger)).lead
    assert told in notice.text


def test_a_job_that_prunes_nothing_misses_no_pruning(
    record: Record, searched: SearchResult, spec: JobSpec, evaluation: Evaluation
) -> None:
    dense = Evaluation(dense=evaluation.dense, compressed=(), chosen=None)
    unpruned = spec.model_copy(update={"prune": None})
    job = JobRecords.read(record(unpruned, search=searched, evaluate=dense, publish=PUBLISHED))
    assert job.missing == ()
    assert "Pruning" not in [section.title for section in report.document(job).sections]


def test_pictures_stand_where_they_are_told_of(
    finished: Ledger, record: Record, searched: SearchResult, tmp_path: Path
) -> None:
    drawn = tuple(
        Picture(tmp_path / f"{name}.png", name, "") for name in ("rewards", "search", "new")
    )

    def places(ledger: Ledger) -> dict[str, list[str]]:
        page = report.document(replace(JobRecords.read(ledger), pictures=drawn))
        return {
            section.title: [picture.title for picture in block.pictures]
            for section in page.sections
            for block in section.blocks
            if isinstance(block, Gallery)
        }

    assert places(finished) == {
        "Dense against compressed": ["new"],
        "Search": ["search"],
        "Pruning": ["rewards"],
    }
    begun = parse({"name": "begun", "data": {"kind": "digits"}})
    assert places(record(begun, search=searched)) == {
        "Search": ["search"],
        "Pictures": ["rewards", "new"],
    }


def test_a_picture_that_was_taken_away_is_left_out(finished: Ledger) -> None:
    (finished.folder / "pictures" / "one.png").unlink()
    assert JobRecords.read(finished).pictures == ()


def test_a_folder_may_be_moved(finished: Ledger, tmp_path: Path) -> None:
    finished.folder.rename(tmp_path / "moved")
    (picture,) = JobRecords.read(Ledger(tmp_path / "moved")).pictures or ()
    assert picture.file == tmp_path / "moved" / "pictures" / "one.png"


def test_pictures_of_an_unfinished_job_are_drawn_but_not_kept(
    record: Record, searched: SearchResult
) -> None:
    ledger = record(search=searched)
    assert [picture.file.exists() for picture in illustrated(ledger).pictures or ()]
    assert JobRecords.read(ledger).pictures is None


def told(*arguments: str, home: Path, monkeypatch: pytest.MonkeyPatch) -> Result:
    monkeypatch.setenv("SECATEUR_HOME", str(home))
    return CliRunner().invoke(main, arguments)


def test_the_command_prints_the_table_and_writes_both_pages(
    finished: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    result = told("report", "digits", home=finished.folder.parent, monkeypatch=monkeypatch)
    assert result.exit_code == 0
    lines = result.output.splitlines()
    assert "FLOPs -50% *  97.50% (-0.50)  500 (-50%)" in result.output
    assert "digits version 3 is champion" in lines
    assert f"Pictures and report: {finished.folder / 'report.html'}" in lines
    page = (finished.folder / "report.html").read_text(encoding="utf-8")
    assert '<img src="data:image/png;base64,' in page
    text = (finished.folder / "report.md").read_text(encoding="utf-8")
    assert text.startswith("# digits\n")
    assert "![One](<pictures/one.png>)" in text


def test_a_page_elsewhere_names_the_pictures_from_there(
    finished: Ledger, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "pages").mkdir()
    file = tmp_path / "pages" / "digits.md"
    # By the path of its folder, from a home that does not hold it.
    result = told(
        "report", str(finished.folder), "--output", str(file),
        home=tmp_path / "elsewhere", monkeypatch=monkeypatch,
    )  # fmt: skip
    assert result.exit_code == 0
    assert "](<../digits/pictures/one.png>)" in file.read_text(encoding="utf-8")
    assert not (finished.folder / "report.html").exists()


def test_the_command_says_what_is_missing(
    record: Record, searched: SearchResult, monkeypatch: pytest.MonkeyPatch
) -> None:
    ledger = record(search=searched)
    result = told("report", "digits", home=ledger.folder.parent, monkeypatch=monkeypatch)
    assert result.exit_code == 0
    assert "search    3 trials, 1 stopped early" in result.output
    assert "not done yet: prune, finetune, evaluate, publish" in result.output
    assert (ledger.folder / "report.html").exists()


def test_a_job_that_is_not_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    result = told("report", "nothing", home=tmp_path, monkeypatch=monkeypatch)
    assert result.exit_code == 2
    assert "nothing: no job here" in result.output


def test_hostile_names_in_records_stay_names(
    record: Record, searched: SearchResult, pruned: tuple[PruningResult, ...]
) -> None:
    """Groups and networks are named by whoever wrote the records."""
    hostile = "<script>alert(1)</script>"
    named = tuple(result.model_copy(update={"groups": (hostile, "two")}) for result in pruned)
    best = searched.best
    network = best.architecture.model_copy(update={"arguments": {"width": hostile}})
    trial = best.model_copy(update={"architecture": network})
    ledger = record(
        search=searched.model_copy(update={"trials": (trial,), "best": trial, "front": ()}),
        prune=named,
    )
    keep(ledger, ())
    report.write(ledger)
    page = (ledger.folder / "report.html").read_text(encoding="utf-8")
    assert hostile not in page
    assert page.count("&lt;script&gt;alert(1)&lt;/script&gt;") >= 2
    assert page.count("<script>") == 1
