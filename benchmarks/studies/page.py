"""Writes a study's page from its result files, the published figure beside ours."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from statistics import mean

from benchmarks.page import PAGE, RESULTS, Result, measured_on, read, spread, table
from benchmarks.studies.study import SEEDS, Figures, Metric, Row, Study, Table

FOLDER = PAGE.parent / "studies"


def file(study: Study, part: Table, seed: int) -> Path:
    """Where the results of a table and seed lie."""
    return RESULTS / "studies" / study.name / f"{part.name}-{seed}.json"


def publish(study: Study) -> None:
    """Write the page of a study, if any of its rows was played."""
    lines = list(_lines(study))
    if lines:
        FOLDER.mkdir(parents=True, exist_ok=True)
        (FOLDER / f"{study.name}.md").write_text("\n".join(lines) + "\n", encoding="utf-8")


def _lines(study: Study) -> Iterator[str]:
    found = {part.name: _results(study, part) for part in study.tables}
    results = [one for ones in found.values() for one in ones]
    if not results:
        return
    yield from (f"# {study.title}", "")
    yield from (
        f"Made by `python -m benchmarks.studies {study.name}` from its result files; no figure "
        "of ours was typed. *Published*: as printed in the source. "
        f"*Ours*: {_played(study)}, on test images that training never saw.",
        "",
        study.protocol,
    )
    for part in study.tables:
        if found[part.name]:
            yield from _section(part, found[part.name])
    rows = [row for one in results for row in one["rows"].values()]
    minutes = sum(row["seconds"] for row in rows) / 60
    yield from (
        "",
        f"{len(rows)} rows of all seeds, {minutes:.0f} minutes of one processor thread. "
        f"The first: {measured_on(results[0]['machine'])}.",
    )


def _played(study: Study) -> str:
    seeds = [
        seed for seed in SEEDS if any(file(study, part, seed).exists() for part in study.tables)
    ]
    return f"mean ± standard deviation over {len(seeds)} seeds" if len(seeds) > 1 else "one seed"


def _results(study: Study, part: Table) -> list[Result]:
    return [one for seed in SEEDS if (one := read(file(study, part, seed))) is not None]


def _section(part: Table, results: list[Result]) -> Iterator[str]:
    yield from ("", f"## {part.title}", "")
    heads, rows = [""], [[row.name] for row in part.rows]
    if any(row.claim for row in part.rows):
        heads.append("Published")
        for cells, row in zip(rows, part.rows, strict=True):
            cells.append(row.claim or "-")
    for metric in part.metrics:
        # A column of nothing but dashes would say nothing.
        if any(metric.key in row.published for row in part.rows):
            heads.append(f"{metric.title}, published")
            for cells, row in zip(rows, part.rows, strict=True):
                known = row.published.get(metric.key)
                cells.append("-" if known is None else f"{known:g}")
        heads.append(f"{metric.title}, ours")
        for cells, row in zip(rows, part.rows, strict=True):
            cells.append(_spread(metric, _values(metric, row, results)))
    yield from table(heads, rows)
    if part.note:
        yield from ("", part.note)
    if part.verdict is not None:
        yield from ("", part.verdict(_means(part, results)))
    if part.command:
        yield from ("", f"The same settings as a job: `{part.command}`.")


def _means(part: Table, results: list[Result]) -> dict[str, Figures]:
    """Mean figures of each row that was played."""
    values = {
        row.name: {metric.key: _values(metric, row, results) for metric in part.metrics}
        for row in part.rows
    }
    return {
        name: {key: mean(figures) for key, figures in found.items()}
        for name, found in values.items()
        if all(found.values())
    }


def _values(metric: Metric, row: Row, results: list[Result]) -> list[float]:
    played = (one["rows"].get(row.name) for one in results)
    return [found["figures"][metric.key] for found in played if found is not None]


def _spread(metric: Metric, values: list[float]) -> str:
    """Mean ± standard deviation, and of how many seeds where those are not all."""
    if not values:
        return "not played"
    shown = spread(values, metric.scale, metric.digits)
    return shown + ("" if len(values) == len(SEEDS) else f" (n = {len(values)})")
