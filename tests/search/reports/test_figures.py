from __future__ import annotations

import pytest

from search.reports import lines
from search.reports.amounts import percent, rounded
from search.reports.document import Table, Tile, plain
from search.reports.figures import dense_against_compressed, target_name, tiles
from secateur.records import EvaluatedVariant, Evaluation


def test_the_table_sets_compressed_beside_dense(evaluation: Evaluation) -> None:
    table = dense_against_compressed(evaluation)
    dense, half, quarter = table.rows
    assert table.head == ("", "accuracy", "FLOPs", "parameters", "size", "latency")
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
    assert table.marked == (1,)


def in_int8(evaluation: Evaluation, *failures: str) -> Evaluation:
    """With the chosen model in 8-bit integers: 97.25 %, 250 bytes, 0.25 ms."""
    changed = {"accuracy": 0.9725, "size_bytes": 250, "latency_ms": 0.25}
    figures = evaluation.champion.figures.model_copy(update=changed)
    int8 = EvaluatedVariant(figures=figures, failures=failures)
    return evaluation.model_copy(update={"int8": int8})


def test_the_int8_variant_has_its_own_row(evaluation: Evaluation) -> None:
    assert dense_against_compressed(in_int8(evaluation)).rows[-1] == (
        "FLOPs -50% int8",
        "97.25% (-0.75)",
        "500 (-50%)",
        "50 (-75%)",
        "250 B (-94%)",
        "0.250 ms (-50%)",
    )


def test_an_int8_variant_that_misses_the_gate_is_told(evaluation: Evaluation) -> None:
    assert lines.int8_line(evaluation) is None
    assert lines.int8_line(in_int8(evaluation)) is None
    unfit = in_int8(evaluation, "accuracy is low", "and so is the cut")
    line = "int8 is left out of the publication: accuracy is low; and so is the cut"
    assert lines.int8_line(unfit) == line


def test_a_regression_has_its_errors_beside_the_score(evaluation: Evaluation) -> None:
    figures = evaluation.dense.figures.model_copy(update={"mse": 2.0, "mae": 1.25})
    dense = evaluation.dense.model_copy(update={"figures": figures})
    table = dense_against_compressed(Evaluation(dense=dense, compressed=(), chosen=None))
    assert table.head[1:4] == ("R²", "MSE", "MAE")
    assert table.rows[0][1:4] == ("98.00%", "2", "1.25")


def test_a_target_is_told_with_all_its_digits() -> None:
    # In binary 0.29 and 0.55 are a little less and more than that: 28.999..., 55.000...1 percent.
    targets = (0.375, 0.38, 0.29, 0.55, 0.999, 0.0)
    assert [target_name(target).removeprefix("FLOPs ") for target in targets] == [
        "-37.5%", "-38%", "-29%", "-55%", "-99.9%", "dense"
    ]  # fmt: skip
    assert percent(1 / 3) == "33.3333%"


@pytest.mark.parametrize(
    ("value", "told"),
    [
        (0.0, "0"),
        (0.123, "0.12"),
        (12.34, "12"),
        (99.6, "100"),
        (123.4, "123"),
        (12345.6, "12,346"),
    ],
)
def test_no_power_of_ten_where_people_read(value: float, told: str) -> None:
    assert rounded(value, 2) == told


def test_what_is_put_forward_is_read_first(evaluation: Evaluation) -> None:
    assert tiles(evaluation)[:2] == (
        Tile("accuracy", "97.50%", "-0.50 points"),
        Tile("FLOPs", "500", "-50%"),
    )


def test_columns_of_text_are_aligned() -> None:
    table = Table(("", "a"), (("name", "long"), ("n", "1")))
    assert plain(table) == "         a\nname  long\nn        1"
