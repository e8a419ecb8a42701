"""Makes ``docs/benchmarks.md``, and the README's table of highlights, from the result files.

    python -m benchmarks.page

Results of a kind lie in ``benchmarks/results/<kind>/*.json``, and
``benchmarks/sections/<kind>.py`` writes about them: its ``lines`` takes the contents of all
files, by file name, and returns lines of Markdown.  Numbers come from the files alone.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Sequence
from importlib import import_module
from pathlib import Path
from statistics import mean, stdev
from typing import Any

from secateur.scratch import whole

HERE = Path(__file__).parent
RESULTS, SECTIONS = HERE / "results", HERE / "sections"
PAGE = HERE.parent / "docs" / "benchmarks.md"
Result = dict[str, Any]

_HEAD = [
    "# Benchmarks",
    "",
    "Made by `python -m benchmarks.page` from the files in `benchmarks/results`; no number",
    "here was typed.",
]


def page(kinds: Iterable[Path]) -> str:
    """The whole page, a section each folder of results that has files and a section."""
    lines = list(_HEAD)
    for folder in kinds:
        found = results_of(folder)
        if not found:
            continue
        if (SECTIONS / f"{folder.name}.py").exists():
            section = import_module(f"benchmarks.sections.{folder.name}")
            lines += ["", *section.lines(found)]
        else:
            print(f"{folder.name}: no section for these results", file=sys.stderr)
    return "\n".join(lines) + "\n"


def results_of(folder: Path) -> dict[str, Result]:
    """Contents of all result files of a kind, by file name; none where there is no folder."""
    files = sorted(folder.glob("*.json"))
    return {file.stem: json.loads(file.read_text(encoding="utf-8")) for file in files}


def table(head: list[str], rows: Iterable[list[str]]) -> list[str]:
    """A Markdown table, numbers to the right of the first column."""
    lines = [head, ["---", *["---:"] * (len(head) - 1)], *rows]
    return [f"| {' | '.join(line)} |" for line in lines]


def write(file: Path, content: Result) -> None:
    """Write a result file whole or not at all."""
    file.parent.mkdir(parents=True, exist_ok=True)
    with whole(file) as partial:
        partial.write_text(json.dumps(content) + "\n", encoding="utf-8")


def read(file: Path) -> Result | None:
    """A result file, where there is one."""
    if not file.exists():
        return None
    found: Result = json.loads(file.read_text(encoding="utf-8"))
    return found


def percent(values: Sequence[float]) -> str:
    """Mean ± standard deviation, in %; of a single value that alone."""
    return spread(values, scale=100, digits=2)


def spread(values: Sequence[float], scale: float, digits: int) -> str:
    """Mean ± standard deviation of values times ``scale``; of a single value that alone."""
    figures = [mean(values), *([stdev(values)] if len(values) > 1 else [])]
    return " ± ".join(f"{scale * figure:.{digits}f}" for figure in figures)


def measured_on(facts: Result) -> str:
    """One line on the machine, the versions, the date and the command."""
    return (
        f"{facts['processor']}, {facts['cores']} cores, load {facts['load_before']} before the "
        f"run; torch {facts['torch']}, ray {facts['ray']}, torch-pruning "
        f"{facts['torch-pruning']}, Python {facts['python']}; {facts['date']}: "
        f"`{facts['command']}`"
    )


def main() -> None:
    PAGE.parent.mkdir(exist_ok=True)
    folders = sorted(folder for folder in RESULTS.iterdir() if folder.is_dir())
    PAGE.write_text(page(folders), encoding="utf-8")
    import_module("benchmarks.highlights").refresh()


if __name__ == "__main__":
    main()
