from __future__ import annotations

from benchmarks.sections import gateway


def test_a_row_a_round() -> None:
    """Of 1 to 200 ms, the 199th of 200 answers is at 99 %; the median is 100.5, written 100."""
    facts = dict.fromkeys(
        ("processor", "cores", "load_before", "torch", "ray", "torch-pruning", "python", "date",
         "command"), "known",
    )  # fmt: skip
    turn = {"answers": [n / 1000 for n in range(200, 0, -1)], "submitted": 2.5, "ended": 12.34}
    one = {"settings": {"clients": 8, "jobs": 200}, "hardware": facts, "rounds": [turn]}
    text = gateway.lines({"submissions": one})
    assert "| 1 | 100 | 199 | 200 | 2.5 | 12.3 |" in text
    assert text[2].startswith("200 jobs submitted at once by 8 clients")
