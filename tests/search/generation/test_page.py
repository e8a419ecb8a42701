"""The page about a generative job, finished or not."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from search.generation import report, story
from search.generation.records import GenerationRecords
from search.ledger import Ledger
from search.pictures.picture import Picture
from search.reports.document import Document, Facts, Gallery, Listing, Notice, Table, Text
from search.reports.illustrated import keep
from secateur.records import (
    GenerativeEvaluation,
    GenerativeSearchResult,
    PruningResult,
    Publication,
    RecoveredGenerator,
)
from secateur.spec import parse
from tests.search.made import written

Record = Callable[..., Ledger]

KINDS: dict[str, Any] = {
    "search": GenerativeSearchResult,
    "prune": tuple[PruningResult, ...],
    "recover": tuple[RecoveredGenerator, ...],
    "evaluate": GenerativeEvaluation,
    "publish": Publication,
}


@pytest.fixture
def record(tmp_path: Path) -> Record:
    """Write the folder of a job from the records of its stages."""

    def write(**stages: Any) -> Ledger:
        spec = parse({"name": "digits-gan", "task": "generation", "data": {"kind": "digits"}})
        return written(tmp_path / spec.name, spec, KINDS, stages)

    return write


@pytest.fixture
def finished(
    record: Record,
    searched: GenerativeSearchResult,
    pruned: tuple[PruningResult, ...],
    recovered: tuple[RecoveredGenerator, ...],
    evaluation: GenerativeEvaluation,
) -> Ledger:
    """A job with all its records and a picture of its samples and of its agents."""
    published = Publication(name="digits-gan", version="3")
    ledger = record(
        search=searched, prune=pruned, recover=recovered, evaluate=evaluation, publish=published
    )
    files = [ledger.folder / "pictures" / f"{name}.png" for name in ("samples-by-step", "rewards")]
    files[0].parent.mkdir()
    for file in files:
        Image.new("L", (4, 4)).save(file)
    keep(ledger, tuple(Picture(file, file.stem, "A picture.") for file in files))
    return ledger


def page_of(ledger: Ledger) -> Document:
    return report.document(GenerationRecords.read(ledger))


def blocks(page: Document, title: str, kind: type) -> list[Any]:
    (found,) = (section.blocks for section in page.sections if section.title == title)
    return [block for block in found if isinstance(block, kind)]


def test_the_page_of_a_finished_job(finished: Ledger) -> None:
    page = page_of(finished)
    assert (page.title, page.about) == ("digits-gan", "Generation of digits, seed 0")
    assert [section.title for section in page.sections] == [
        "Dense against compressed",
        "Search",
        "Pruning",
        "Gate",
        "How to do it again",
    ]
    (facts,) = page.lead
    assert isinstance(facts, Facts)
    told = dict(facts.rows)
    assert told["Tried"].startswith("5 networks (1 stopped early, 1 failed) of dcgan on digits;")
    assert told["Won"].startswith("dcgan (width 24), FLOPs -70%: distance 2.6 (dense 2.5)")
    assert told["Gate"].startswith("held (at most 1.1 times the dense distance")
    assert page.tiled == "Put forward: FLOPs -70%, against the dense generator"


def test_dense_against_compressed(finished: Ledger) -> None:
    page = page_of(finished)
    table, further = blocks(page, "Dense against compressed", Table)
    assert further.rows == (("class variety", "0.987", "0.987", "0.987"),)
    assert table.head == ("", "distance", "kernel distance", "coverage", "FLOPs", "parameters",
                          "size", "latency")  # fmt: skip
    assert table.rows[1] == (
        "FLOPs -70% *", "2.6", "0.0260", "90.0%", "300 (-70%)", "120 (-70%)", "1.2 kB (-70%)",
        "0.150 ms (-70%)",
    )  # fmt: skip
    assert table.marked == (1,)
    texts = [block.text for block in blocks(page, "Dense against compressed", Text)]
    assert "500 images against 360 of the test split" in texts[0]
    assert "digits-classifier-64/0123: distances are no Inception FIDs" in texts[0]


def test_every_trial(finished: Ledger) -> None:
    (listing,) = blocks(page_of(finished), "Search", Listing)
    head = listing.head(5)
    assert [row[0] for row in head.rows] == ["2", "0", "4", "1", "3"]  # by end, then distance
    assert [row[2] for row in head.rows] == ["2", "4", "9", "12", ""]
    ends = head.head.index("ended")
    assert [row[ends] for row in head.rows] == [
        "finished", "finished", "finished, collapsed", "stopped early", "failed"
    ]  # fmt: skip
    assert head.head[-1] == "learning rate"
    assert head.marked == (0,)


def test_each_target_from_the_cut_to_the_test_split(finished: Ledger) -> None:
    targets, groups = blocks(page_of(finished), "Pruning", Table)
    assert targets.rows == (
        ("FLOPs -70%", "71.0%", "40.0%", "400", "2.1", "2.6"),
        ("FLOPs -90%", "90.5%", "40.0%", "400", "5", "5.5"),
    )
    assert groups.rows[0] == ("stem", "16", "6 (38%)", "2 (12%)")


def test_the_gate(finished: Ledger) -> None:
    (table,) = blocks(page_of(finished), "Gate", Table)
    assert table.rows == (
        ("publish.max_distance", "any", "2.6", "held"),
        ("publish.max_distance_ratio", "1.1", "1.04", "held"),
        ("publish.min_flops_cut", "0.00%", "70.00%", "held"),
        ("publish.allow_collapsed", "no", "no", "held"),
    )


def test_pictures_lie_where_they_are_told_of(finished: Ledger) -> None:
    page = page_of(finished)
    for title, name in (("Dense against compressed", "samples-by-step"), ("Pruning", "rewards")):
        (gallery,) = blocks(page, title, Gallery)
        assert [picture.title for picture in gallery.pictures] == [name]


def test_both_files_are_written(finished: Ledger) -> None:
    html, markdown = report.write(finished)
    assert "<h1>digits-gan</h1>" in html.read_text()
    assert "# digits-gan" in markdown.read_text()


def test_a_job_that_has_come_as_far_as_its_search(
    record: Record, searched: GenerativeSearchResult
) -> None:
    page = page_of(record(search=searched))
    notice, facts = page.lead
    assert isinstance(notice, Notice)
    assert "Not done yet: prune, recover, evaluate, publish." in notice.text
    assert isinstance(facts, Facts)
    won = "so far dcgan (width 24), dense, at a distance of 2 on the validation split."
    assert dict(facts.rows)["Won"] == won
    assert [section.title for section in page.sections] == ["Search", "How to do it again"]


def test_a_collapse_is_told_with_its_reason(
    record: Record, searched: GenerativeSearchResult, evaluation: GenerativeEvaluation
) -> None:
    likeness = evaluation.dense.figures.likeness.model_copy(
        update={"collapsed": True, "collapse": "half of the images are copies"}
    )
    figures = evaluation.dense.figures.model_copy(update={"likeness": likeness})
    dense = evaluation.dense.model_copy(update={"figures": figures})
    alone = evaluation.model_copy(update={"dense": dense, "compressed": (), "chosen": None})
    page = page_of(record(search=searched, evaluate=alone))
    texts = [block.text for block in blocks(page, "Dense against compressed", Text)]
    assert "dense collapsed: half of the images are copies." in texts
    (table,) = blocks(page, "Gate", Table)
    assert table.rows[-1] == ("publish.allow_collapsed", "no", "yes", "missed")


def test_the_story_of_a_job(finished: Ledger) -> None:
    told = story.told(finished, "interrupted")
    assert [line.split(":**")[0] for line in told.split("\n\n")] == [
        "**Tried", "**Won", "**Cost", "**Gate", "**Report", "**Stopped"
    ]  # fmt: skip
