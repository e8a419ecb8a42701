from __future__ import annotations

import subprocess
import sys

import pytest

from search.reports import amounts, lines
from secateur.records import Evaluation, PruningResult, Publication, SearchResult


@pytest.mark.parametrize(
    ("value", "text"),
    [(0, "0"), (999, "999"), (999.6, "1 k"), (1_059_880, "1.06 M"), (2.5e9, "2.5 G")],
)
def test_quantity(value: float, text: str) -> None:
    assert amounts.quantity(value) == text


def test_every_stage_has_one_line(
    searched: SearchResult, pruned: tuple[PruningResult, ...], evaluation: Evaluation
) -> None:
    assert lines.search_line(searched) == (
        "3 trials, 1 stopped early; best lenet (width 2.0): 99.00% on the validation split"
    )
    assert lines.prune_line(pruned) == (
        "ddpg, 2 episodes a target: FLOPs -51.0% at 70.00%, FLOPs -76.0% at 70.00%"
    )
    assert lines.evaluate_line(evaluation) == (
        "dense 98.00%, chosen FLOPs -50%: 97.50% on the test split"
    )
    refused = Publication(name="digits", version=None, failures=("accuracy is low",))
    assert lines.publish_line(refused) == "digits is not published: accuracy is low"


def test_a_stage_that_its_budget_ended_says_so(
    searched: SearchResult, pruned: tuple[PruningResult, ...]
) -> None:
    timed = searched.model_copy(update={"stopped_by": "minutes"})
    assert lines.search_line(timed).startswith(
        "3 trials until search.budget.minutes was spent, 1 stopped early; best lenet"
    )
    half, more = pruned
    longer = more.model_copy(
        update={"stopped_by": "cpu_hours", "episodes": (*more.episodes, *more.episodes)}
    )
    assert lines.prune_line((half, longer)).startswith(
        "ddpg, 2-4 episodes a target until prune.budget.cpu_hours was spent: FLOPs -51.0%"
    )


def test_reading_and_writing_pages_needs_neither_torch_nor_ray_nor_matplotlib() -> None:
    program = (
        "import sys, search.summary; from search.reports import comparable, comparison, report;"
        "print({'torch', 'ray', 'mlflow', 'matplotlib'} & set(sys.modules))"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert done.stdout == "set()\n"
