"""How good the policies are that each agent finds with the same number of evaluations."""

from __future__ import annotations

import json

from benchmarks.after_finetuning import FOLDER
from benchmarks.page import PAGE, RESULTS, Result
from benchmarks.search_quality_page import section_of
from benchmarks.search_quality_pictures import draw


def lines(found: dict[str, Result]) -> list[str]:
    """The section, from one result a run and one a fine-tuned policy."""
    folder = RESULTS / "search_quality" / FOLDER
    tuned = [json.loads(file.read_text("utf-8")) for file in sorted(folder.glob("*.json"))]
    accuracies = {(one["network"], tuple(one["widths"])): one["accuracy"] for one in tuned}
    runs = list(found.values())
    pictures = [f"pictures/{file.name}" for file in draw(runs, PAGE.parent / "pictures")]
    return [
        *section_of(runs, accuracies).splitlines(),
        "",
        "### What the winners cut",
        *(line for path in pictures for line in ("", f"![FLOPs and parameters cut]({path})")),
    ]
