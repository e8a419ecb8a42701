"""The README's table of what is reached, from the result files of ``docs/benchmarks.md``."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from statistics import mean, median

from benchmarks.page import HERE, RESULTS, Result, percent, results_of

README = HERE.parent / "README.md"
BLOCK = re.compile(r"(<!-- highlights -->\n).*?(<!-- /highlights -->)", re.DOTALL)
OURS, THEIRS, LONGER = "finetune-ours", "finetune-thesis", "finetune-longer"
DENSE, CONNECTIONS = "fastapi-torch, dense", "32"
Row = tuple[str, str]
Found = dict[str, Result]
"""Results of a kind by the names of their files."""


def block(results: Path = RESULTS) -> str:
    """Lines of Markdown: what, and what came of it.

    Args:
        results: folder with one folder of results a kind; kinds without one have no row.
    """
    rows = [row for kind, told in ROWS.items() for row in told(results_of(results / kind))]
    lines = ["| | |", "|---|---|", *(f"| {what} | {came} |" for what, came in rows)]
    return "\n".join(lines) + "\n"


def refresh(readme: Path = README) -> None:
    """Put the block between its marks."""
    text, count = BLOCK.subn(lambda found: found[1] + block() + found[2], readme.read_text("utf-8"))
    assert count == 1, f"{readme} has one block of highlights"
    readme.write_text(text, encoding="utf-8")


def _examples(found: Found) -> Iterator[Row]:
    for job in found.values():
        dense, chosen = (_test(job["models"][name]) for name in ("dense", job["chosen"]))
        cost = f"{job['cpu_seconds'] / 60:.0f} CPU minutes, search included"
        yield f"`{job['command']}`, one run", f"{dense} dense, {chosen} at {job['chosen']}; {cost}"


def _test(model: Result) -> str:
    if "accuracy" in model:
        return f"{100 * model['accuracy']:.2f} %"
    return f"Fréchet distance {model['distance']:.2f}"


def _cifar10(found: Found) -> Iterator[Row]:
    """A row each network that was pruned in both ways: changes against the dense network."""
    played: dict[tuple[str, str, str], dict[str, dict[int, float]]] = {}
    for one in found.values():
        if one["effort"] != "tiny" and "accuracy" in one:
            stages = played.setdefault((one["network"], one["data"], one["effort"]), {})
            stages.setdefault(one["stage"], {})[one["seed"]] = one["accuracy"]
    for (network, data, _), stages in played.items():
        if stages.keys() >= {"train", OURS, THEIRS}:
            ours, theirs = (_change(stages, stage) for stage in (OURS, THEIRS))
            came = f"{ours} points against the dense network, {theirs} by the published method"
            # What the recovery gives without any cut.
            longer = _change(stages, LONGER) if LONGER in stages else "not known"
            came += f"; {longer} for the dense one trained on as long"
            yield f"{network} on {data}, pruned and recovered (n = {len(stages[OURS])})", came


def _change(stages: dict[str, dict[int, float]], stage: str) -> str:
    changes = [value - stages["train"][seed] for seed, value in stages[stage].items()]
    return f"{'' if mean(changes) < 0 else '+'}{percent(changes)}"


def _microstructures(found: Found) -> Iterator[Row]:
    """The generator of most valid images."""
    trained = [one for one in found.values() if "judged" in one]
    if trained:
        best = max(trained, key=lambda one: float(one["judged"]["valid"]))
        judged, minutes = best["judged"], sum(piece["seconds"] for piece in best["pieces"]) / 60
        came = f"{judged['valid']:.0%} of {judged['images']:,} after {minutes:.0f} CPU minutes"
        if "tried" in judged:
            tried = judged["tried"] / judged["accepted"]
            came += f"; all with rejection, {tried:.2f} made for each"
        kind = best["architecture"]["name"]
        yield f"Simulated tomographs of a {kind} model that pass the test of real ones", came


def _throughput(found: Found) -> Iterator[Row]:
    told = [f"{median(_ratios(one)):.1f} times on {name}" for name, one in found.items()]
    if told:
        yield (
            "Episodes a second of pruning, against a loop in the style of AMC's reference",
            ", ".join(told),
        )


def _ratios(one: Result) -> list[float]:
    return [turn["ratio"] for turn in one["rounds"]]


def _serving(found: Found) -> Iterator[Row]:
    """The last network that was cut, in 8-bit integers, against its parent in eager torch."""
    for name, one in found.items():
        served = one.get("servers", {})
        small = [known for known in served if known.startswith("secateur, -") and "int8" in known]
        if small and DENSE in served:
            ours, theirs = (_rate(served[known]) for known in (small[0], DENSE))
            came = f"{ours:,.0f} against {theirs:,.0f} of FastAPI with the dense network"
            yield f"Requests a second of {name}{small[0].removeprefix('secateur,')}", came


def _rate(server: Result) -> float:
    return float(median(turn[CONNECTIONS]["rate"] for turn in server["rounds"]))


ROWS: dict[str, Callable[[Found], Iterator[Row]]] = {
    "cifar10": _cifar10,
    "examples": _examples,
    "microstructures": _microstructures,
    "throughput": _throughput,
    "serving": _serving,
}
"""What is told of each kind of results."""
