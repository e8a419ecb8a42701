"""Several jobs side by side: what is one line, what can be compared, what is larger than chance."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from search.cli import main
from search.ledger import Ledger
from search.reports import comparison
from search.reports.comparable import compared
from search.reports.document import Document, Facts, Notice, Table
from search.reports.groups import differing, group
from search.reports.records import JobRecords
from secateur.errors import JobConflictError
from secateur.records import DataUsed, Evaluation, Machine, Provenance
from secateur.spec import parse
from tests.search.reports.conftest import Record

FIGURES = "Figures on the test split"
Measured = Callable[..., Ledger]


@pytest.fixture
def two_methods(measured: Measured) -> list[Ledger]:
    """Three seeds each: 97, 98 and 99 % by ddpg, 90, 91 and 92 % by random."""
    return [
        measured(f"{agent}-s{seed}", best - 0.01 * seed, seed=seed, agent=agent)
        for agent, best in (("ddpg", 0.99), ("random", 0.92))
        for seed in range(3)
    ]


def page_of(ledgers: list[Ledger]) -> Document:
    return comparison.document(compared(ledgers))


def rows(page: Document, title: str, role: str = "") -> list[tuple[str, ...]]:
    """The rows of a section's table; of one kind of network without its name."""
    (section,) = (section for section in page.sections if section.title == title)
    (table,) = (block for block in section.blocks if isinstance(block, Table))
    return [row[1:] for row in table.rows if row[0] == role] if role else list(table.rows)


def verdict(page: Document) -> str:
    (facts,) = (block for block in page.lead if isinstance(block, Facts))
    return dict(facts.rows)["Larger than the spread"]


def test_jobs_that_differ_in_their_seed_alone_are_one_line(two_methods: list[Ledger]) -> None:
    assert rows(page_of(two_methods), "Lines") == [
        ("ddpg", "3", "0, 1, 2", "ddpg-s0, ddpg-s1, ddpg-s2"),
        ("random", "3", "0, 1, 2", "random-s0, random-s1, random-s2"),
    ]


def test_figures_are_means_with_their_spread(two_methods: list[Ledger]) -> None:
    """Around 98 %: squares of 1, 0 and 1 points, 2 / 2 = 1 point."""
    page = page_of(two_methods)
    roles = [row[0] for row in rows(page, FIGURES)]
    assert list(dict.fromkeys(roles)) == ["Put forward", "Dense", "FLOPs -50%", "FLOPs -75%"]
    first, second = rows(page, FIGURES, "Put forward")
    assert first == (
        "ddpg", "3", "98.00% ± 1.00%", "500 ± 0", "50 ± 0", "1 kB ± 0 B", "0.5 ms ± 0 ms"
    )  # fmt: skip
    assert second[2] == "91.00% ± 1.00%"


def test_targets_that_whole_percents_do_not_tell_apart_have_rows_of_their_own(
    record: Record, evaluation: Evaluation
) -> None:
    """Cut by 37.5 and by 38 %, 97.5 and 94 % right: two networks of one job, no runs of one."""
    models = tuple(
        model.model_copy(update={"target": target})
        for model, target in zip(evaluation.compressed, (0.375, 0.38), strict=True)
    )
    page = page_of([record(evaluate=evaluation.model_copy(update={"compressed": models}))])
    for role, accuracy in (("FLOPs -37.5%", "97.50%"), ("FLOPs -38%", "94.00%")):
        assert [row[1:3] for row in rows(page, FIGURES, role)] == [("1", accuracy)]


def test_a_difference_beyond_the_spread_is_marked(two_methods: list[Ledger]) -> None:
    """98 less 91 %, both with a deviation of 1 over 3 runs.

    The standard error is sqrt(1/3 + 1/3) = 0.8165, with (2/3)^2 / (2 (1/3)^2 / 2) = 4 degrees of
    freedom, whose 97.5 % quantile is 2.776: 7.00 ± 2.27 points.
    """
    page = page_of(two_methods)
    assert rows(page, "Differences", "Put forward") == [
        ("ddpg - random", "+7.00 ± 2.27 *", *["+0.0% ± 0.0%"] * 4)
    ]
    assert verdict(page) == "ddpg - random: +7.00 ± 2.27 points"


def test_with_one_run_no_spread_is_known(measured: Measured) -> None:
    page = page_of([measured("one", 0.99), measured("two", 0.5, agent="random")])
    assert rows(page, "Differences", "Put forward")[0][1] == "+49.00"
    assert verdict(page) == "nothing that is known: one run of one, two, no spread known"
    assert rows(page, FIGURES, "Put forward")[0][1:3] == ("1", "99.00%")


def test_a_difference_within_the_spread_is_not_marked(measured: Measured) -> None:
    """Means 91 and 92 %, deviations of some 9 points over 2 runs."""
    runs = (("a", 0.85, "ddpg"), ("b", 0.97, "ddpg"), ("c", 0.86, "random"), ("d", 0.98, "random"))
    ledgers = [
        measured(name, accuracy, seed=seed, agent=agent)
        for seed, (name, accuracy, agent) in enumerate(runs)
    ]
    page = page_of(ledgers)
    assert verdict(page) == "no difference of scores"
    assert "*" not in "".join(rows(page, "Differences", "Put forward")[0])


def test_all_pairs_of_a_column_hold_at_once(two_methods: list[Ledger], measured: Measured) -> None:
    """With a third line there are three pairs, and intervals are wider: 3.961 for 2.776."""
    third = [measured(f"tpe-s{seed}", 0.9, seed=seed, agent="tpe") for seed in range(2)]
    found = rows(page_of([*two_methods, *third]), "Differences", "Put forward")
    assert [row[0] for row in found] == ["ddpg - random", "ddpg - tpe", "random - tpe"]
    assert found[0][1] == "+7.00 ± 3.23 *"


def test_what_was_asked_for_differently(measured: Measured) -> None:
    page = page_of([measured("one", 0.9), measured("two", 0.9, agent="random")])
    found = {field: values for field, *values in rows(page, "What was asked for differently")}
    assert found["prune.agent.kind"] == ["ddpg", "random"]
    # Settings of one agent that the other does not have.
    assert found["prune.agent.noise"] == ["0.4", ""]
    assert not {"name", "seed"} & set(found)


def test_names_and_what_follows_the_figures_make_no_other_line(
    measured: Measured, evaluation: Any, record: Measured
) -> None:
    first = JobRecords.read(measured("first", 0.9))
    renamed = first.spec.model_copy(
        update={
            "name": "second",
            "show": 8,
            "publish": first.spec.publish.model_copy(update={"alias": "challenger"}),
        }
    )
    second = JobRecords.read(record(renamed, evaluate=evaluation))
    (line,) = group([first, second])
    assert line.jobs == (first, second)
    assert differing([line]) == {}


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        (("ddpg-s1", "ddpg-s2"), "ddpg"),
        (("net-20", "net-21"), "net"),
        (("net_20_seed_1", "net_20_seed_2"), "net_20"),
        (("digits", "digits2"), "digits"),
        # Nothing in common: the first.
        (("anna", "bert"), "anna"),
    ],
)
def test_a_line_is_named_by_what_its_jobs_have_in_common(
    names: tuple[str, str], expected: str, measured: Measured
) -> None:
    jobs = [JobRecords.read(measured(name, 0.9, seed)) for seed, name in enumerate(names)]
    (line,) = group(jobs)
    assert line.name == expected


def test_lines_of_one_name_go_by_their_jobs(measured: Measured) -> None:
    jobs = [
        JobRecords.read(measured(f"run-{seed}", 0.9, seed, agent))
        for seed, agent in enumerate(("ddpg", "ddpg", "random", "random"))
    ]
    assert [line.name for line in group(jobs)] == ["run-0", "run-2"]


def test_jobs_of_another_task_are_refused(measured: Measured, record: Measured) -> None:
    digits = measured("digits", 0.9)
    spec = digits.spec().model_dump(mode="json") | {
        "name": "calculator",
        "data": {"kind": "arithmetic"},
        "search": {"networks": [{"kind": "mlp"}]},
    }
    evaluation = JobRecords.read(digits).evaluation
    calculator = record(parse(spec), evaluate=evaluation)
    with pytest.raises(JobConflictError, match="calculator is a regression, digits a classific"):
        compared([digits, calculator])


def data(digest: str) -> DataUsed:
    return DataUsed(name="d", digest=digest, split_digest="", images={}, classes=10)


def test_differences_between_other_data_are_not_judged(measured: Measured) -> None:
    page = page_of([measured("a", 0.9, data=data("1")), measured("b", 0.8, data=data("2"))])
    (notice,) = (block for block in page.lead if isinstance(block, Notice))
    assert notice.text.startswith("These jobs did not learn from the same data")
    assert "Differences" not in [section.title for section in page.sections]


def test_the_digest_counts_and_where_it_is_not_kept_the_spec(measured: Measured) -> None:
    same = [measured("a", 0.9, data=data("1")), measured("b", 0.8, data=data("1"))]
    assert compared(same).alike
    # The older job did not keep its digest; both are the digits of scikit-learn.
    assert compared([same[0], measured("older", 0.8)]).alike


def test_jobs_on_the_way_are_left_out_and_named(measured: Measured, record: Measured) -> None:
    ready = measured("ready", 0.9)
    spec = ready.spec().model_copy(update={"name": "on-the-way"})
    found = compared([ready, record(spec)])
    assert [job.folder.name for job in found.jobs] == ["ready"]
    assert found.reserves == ("Left out, as they have not come to their evaluation: on-the-way.",)
    with pytest.raises(JobConflictError, match="on-the-way: expected jobs that have come"):
        compared([Ledger(ready.folder.parent / "on-the-way")])


def test_a_copy_of_a_job_is_no_second_run(measured: Measured, tmp_path: Path) -> None:
    job = measured("job", 0.9)
    shutil.copytree(job.folder, tmp_path / "copy")
    with pytest.raises(JobConflictError, match=r"copy: the same job as .*/job; name it once"):
        compared([job, Ledger(tmp_path / "copy")])


def test_latencies_of_two_machines_are_told(measured: Measured) -> None:
    ledgers = [measured("a", 0.9), measured("b", 0.9)]
    for ledger, processor in zip(ledgers, ("fast", "slow"), strict=True):
        machine = Machine(processor=processor, cores=2, memory_bytes=1)
        made = Provenance(versions={}, commit=None, machine=machine)
        ledger.write("provenance", Provenance, made)
    assert compared(ledgers).reserves == (
        "Latencies were measured on different machines: fast, slow.",
    )


def told(home: Path, monkeypatch: pytest.MonkeyPatch, *arguments: str) -> Result:
    monkeypatch.setenv("SECATEUR_HOME", str(home))
    return CliRunner().invoke(main, ["compare", *arguments])


def test_the_command_prints_text(
    two_methods: list[Ledger], monkeypatch: pytest.MonkeyPatch
) -> None:
    home = two_methods[0].folder.parent
    result = told(home, monkeypatch, *(ledger.folder.name for ledger in two_methods))
    assert result.exit_code == 0
    assert result.output.startswith("6 jobs compared\n===")
    assert "\nLarger than the spread: ddpg - random: +7.00 ± 2.27 points" in result.output


def test_the_command_writes_a_page(
    two_methods: list[Ledger], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "page.html"
    folders = [str(ledger.folder) for ledger in two_methods]
    result = told(tmp_path / "elsewhere", monkeypatch, *folders, "--output", str(file))
    assert result.output == f"{file}\n"
    assert "<h1>6 jobs compared</h1>" in file.read_text(encoding="utf-8")


def test_a_job_that_is_not_there(
    two_methods: list[Ledger], monkeypatch: pytest.MonkeyPatch
) -> None:
    result = told(two_methods[0].folder.parent, monkeypatch, "ddpg-s0", "nothing")
    assert result.exit_code == 2
    assert "nothing: no job here; expected one of: ddpg-s0, ddpg-s1" in result.output
