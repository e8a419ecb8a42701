from __future__ import annotations

from benchmarks.search_overhead import CASES, bare
from benchmarks.sections import search_overhead
from secateur.data import load
from secateur.spec import parse

FACTS = dict.fromkeys(
    ("processor", "cores", "load_before", "torch", "ray", "torch-pruning", "python", "date",
     "command"), "known",
)  # fmt: skip


def turn(seconds: float, ratio: float) -> dict[str, dict[str, float]]:
    ours = {"seconds": ratio * seconds, "ray_start_seconds": 3.0, "same": True}
    return {"bare": {"seconds": seconds}, "parallel_1": ours, "parallel_2": ours}


def test_the_section_tells_medians_and_ratios_within_a_round() -> None:
    result = {
        "settings": {"spec": {"search": {"trials": 16}}},
        "hardware": FACTS,
        # The slower round has the smaller ratio: medians 20 and 24 s, ratios 1.5, 1.2 and 1.1.
        "rounds": [turn(10.0, 1.5), turn(20.0, 1.2), turn(30.0, 1.1)],
    }
    lines = search_overhead.lines({"digits": result})
    name = "digits, search stage, one trial at a time"
    assert f"| {name} | 16 | 3 | 24.0 | 1.20 | 1.10 | 1.50 | yes |" in lines
    assert (
        "| digits, bare Optuna loop, one thread | 16 | 3 | 20.0 | 1.00 | 1.00 | 1.00 |  |" in lines
    )
    assert any("(3.0 s, once a job) is not counted" in line for line in lines)


def test_the_loop_trains_the_trials_of_the_spec() -> None:
    small = {"trials": 2, "epochs": 1, "networks": [{"kind": "mlp", "depth": 1, "width": 8}]}
    case = CASES["digits"]
    spec = parse(
        case | {"data": {"kind": "digits", "limit": 100}, "search": case["search"] | small}
    )
    development = load(spec.data, spec.seed).development
    figures, reached = bare(spec, development, 1)
    assert figures["seconds"] > 0
    assert len(reached) == 2
    # Shares of the validation split's 20 images.
    assert all(round(20 * accuracy, 6) == round(20 * accuracy) for accuracy in reached)
    assert bare(spec, development, 1)[1] == reached
