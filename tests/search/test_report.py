from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from search import pictures, report
from search.pictures import pruning
from secateur.records import (
    EvaluatedVariant,
    Evaluation,
    PruningResult,
    Publication,
    SearchResult,
)
from secateur.spec import JobSpec


def test_the_table_sets_compressed_beside_dense(evaluation: Evaluation) -> None:
    headings, dense, half, quarter = report.table(evaluation)
    assert headings == ("", "accuracy", "FLOPs", "parameters", "size", "latency")
    assert dense == ("dense", "98.00%", "1 k", "200", "4 kB", "0.500 ms")
    assert half == (
        "FLOPs -50% *",
        "97.50% (-0.50)",
        "500 (-50%)",
        "50 (-75%)",
        "1 kB (-75%)",
        "0.500 ms (+0%)",
    )
    assert quarter[0] == "FLOPs -75%"
    assert quarter[5] == "0.250 ms (-50%)"


def in_int8(evaluation: Evaluation, *failures: str) -> Evaluation:
    """With the chosen model in 8-bit integers: 97.25 %, 250 bytes, 0.25 ms."""
    changed = {"accuracy": 0.9725, "size_bytes": 250, "latency_ms": 0.25}
    figures = evaluation.champion.figures.model_copy(update=changed)
    int8 = EvaluatedVariant(figures=figures, failures=failures)
    return evaluation.model_copy(update={"int8": int8})


def test_the_int8_variant_has_its_own_row(evaluation: Evaluation) -> None:
    assert report.table(in_int8(evaluation))[-1] == (
        "FLOPs -50% int8",
        "97.25% (-0.75)",
        "500 (-50%)",
        "50 (-75%)",
        "250 B (-94%)",
        "0.250 ms (-50%)",
    )


def test_an_int8_variant_that_misses_the_gate_is_told(
    searched: SearchResult, pruned: tuple[PruningResult, ...], evaluation: Evaluation
) -> None:
    assert report.int8_line(evaluation) is None
    assert report.int8_line(in_int8(evaluation)) is None
    unfit = in_int8(evaluation, "accuracy is low", "and so is the cut")
    line = "int8 is left out of the publication: accuracy is low; and so is the cut"
    assert report.int8_line(unfit) == line
    assert line in report.markdown("digits", searched, pruned, unfit, []).splitlines()


def test_plain_columns_are_aligned() -> None:
    assert report.plain([("", "a"), ("name", "long"), ("n", "1")]) == (
        "         a\nname  long\nn        1"
    )


@pytest.mark.parametrize(
    ("value", "text"),
    [(0, "0"), (999, "999"), (999.6, "1 k"), (1_059_880, "1.06 M"), (2.5e9, "2.5 G")],
)
def test_quantity(value: float, text: str) -> None:
    assert report.quantity(value) == text


def test_the_page_tells_what_was_tried_and_shows_every_picture(
    searched: SearchResult, pruned: tuple[PruningResult, ...], evaluation: Evaluation
) -> None:
    page = report.markdown("digits", searched, pruned, evaluation, ["pictures/rewards.png"])
    assert page.startswith("# digits\n")
    assert "3 networks were tried, 1 of them stopped early and 1 failed." in page
    assert "The winner is lenet (width 2.0)" in page
    assert "| FLOPs -50% * | 97.50% (-0.50) |" in page
    assert "![rewards](pictures/rewards.png)" in page


def test_every_stage_has_one_line(
    searched: SearchResult, pruned: tuple[PruningResult, ...], evaluation: Evaluation
) -> None:
    assert report.search_line(searched) == (
        "3 trials, 1 stopped early; best lenet (width 2.0): 99.00% on the validation split"
    )
    assert report.prune_line(pruned) == (
        "ddpg, 2 episodes a target: FLOPs -51.0% at 70.00%, FLOPs -76.0% at 70.00%"
    )
    assert report.evaluate_line(evaluation) == (
        "dense 98.00%, chosen FLOPs -50%: 97.50% on the test split"
    )
    refused = Publication(name="digits", version=None, failures=("accuracy is low",))
    assert report.publish_line(refused) == "digits is not published: accuracy is low"


def test_pictures_are_drawn(
    searched: SearchResult,
    pruned: tuple[PruningResult, ...],
    evaluation: Evaluation,
    spec: JobSpec,
    tmp_path: Path,
) -> None:
    files = pictures.draw(spec, searched, pruned, evaluation, tmp_path / "pictures")
    assert [file.stem for file in files] == [
        "dense-against-compressed",
        "rewards",
        "front",
        "channels",
        "search",
        "search-costs",
    ]
    for file in files:
        with Image.open(file) as image:
            assert image.width == 1040  # 8 inches at 130 dots
            assert len(image.convert("RGB").getcolors(1 << 20) or []) > 10


def test_the_best_begins_anew_with_the_targets_flops(pruned: tuple[PruningResult, ...]) -> None:
    first = pruned[0].episodes[0]
    # Half of 1,000 FLOPs are to go: two episodes of an earlier stage, then three at the target.
    episodes = tuple(
        first.model_copy(update={"flops": flops}) for flops in (700, 700, 500, 500, 500)
    )
    result = pruned[0].model_copy(update={"target": 0.5, "dense_flops": 1000, "episodes": episodes})
    best = pruning._best_so_far(result, np.array([80.0, 90.0, 60.0, 50.0, 70.0]))
    assert best.tolist() == [80.0, 90.0, 60.0, 60.0, 70.0]


def test_the_front_is_told_where_there_is_a_choice(
    searched: SearchResult, pruned: tuple[PruningResult, ...], evaluation: Evaluation
) -> None:
    heading = "No other is as accurate at as few FLOPs"
    best = searched.best.model_copy(update={"flops": 2000})
    cheap = best.model_copy(update={"number": 0, "accuracy": 0.9, "flops": 1000})
    trials = (cheap, best, searched.trials[2])
    ahead = searched.model_copy(update={"trials": trials, "best": best, "front": (0, 1)})
    page = report.markdown("digits", ahead, pruned, evaluation, [])
    assert f"| {heading} | accuracy | FLOPs |" in page
    assert (
        "| lenet (width 2.0) | 90.00% | 1 k |\n| lenet (width 2.0) (winner) | 99.00% | 2 k |"
        in page
    )
    alone = ahead.model_copy(update={"front": (1,)})
    assert heading not in report.markdown("digits", alone, pruned, evaluation, [])
