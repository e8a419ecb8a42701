from __future__ import annotations

from benchmarks.sections import fast_against_exact


def test_a_row_a_way_with_means_over_the_seeds() -> None:
    facts = dict.fromkeys(
        ("processor", "cores", "load_before", "torch", "ray", "torch-pruning", "python", "date",
         "command"), "known",
    )  # fmt: skip
    fast = {"validation": 0.5, "held_out": 0.4, "seconds": 10.0, "episodes": 60}
    exact = fast | {"held_out": 0.42, "seconds": 40.0}
    longer = fast | {"episodes": 120, "seconds": 20.0}
    one = {"network": "net", "target": 0.7, "seed": 1}
    one |= {"fast": fast, "fast, longer": longer, "exact": exact}
    # What was interrupted has only the seconds since then, which are no time of a search.
    cut = exact | {"seconds": 1.0, "resumed": True}
    other = one | {"seed": 2, "fast": fast | {"held_out": 0.44}, "exact": cut}
    text = fast_against_exact.lines({"net-1": one | {"machine": facts}, "net-2": other})
    assert "| net | 2 | fast | 60 | 50.00 ± 0.00 | 42.00 ± 2.83 | 10 |" in text
    assert "| net | 2 | exact | 60 | 50.00 ± 0.00 | 42.00 ± 0.00 | 40 |" in text
    assert "| net | 2 | fast, longer | 120 | 50.00 ± 0.00 | 40.00 ± 0.00 | 20 |" in text
