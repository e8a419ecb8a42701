"""Which reward ranks policies of a generator as a recovery does."""

from __future__ import annotations

from scipy.stats import spearmanr

from benchmarks.page import Result, measured_on, table

LABELS = {
    "closeness": "closeness",
    "likeness": "with the distance",
    "least-squares": "after least squares",
    "imitate": "after imitation",
    "random-channels": "of random channels",
    "uncorrected": "without correction",
}


def lines(results: dict[str, Result]) -> list[str]:
    """The section; ``results`` by policy."""
    rows = sorted(results.values(), key=lambda one: one["widths"])
    first, names = rows[0], [name for name in LABELS if name in rows[0]["rewards"]]
    ends = [one["distance"] for one in rows]
    ranks = [_rank([-one["rewards"][name] for one in rows], ends) for name in names]
    others = [
        _rank([one[field] for one in rows], ends)
        for field in ("distance_corrected", "distance_rehearsed")
    ]
    return [
        "## Rewards for pruning generators",
        "",
        f"{len(rows)} policies of one DCGAN of MNIST that leave as much as the same target allows, "
        f"each after {first['recovery_steps']:,} steps of recovery, the same for all. "
        "Last row: Spearman's rank correlation with the distance after the recovery, 1 at best, of "
        "each reward (negated) and of the distances before it: right after the cut and the "
        f"correction, and after {first['recovery']['rerank_steps']} steps.",
        "",
        *table(
            ["Widths", *(LABELS[name] for name in names), "distance", "after few steps",
             "recovered"],
            [
                *(_row(one, names) for one in rows),
                ["Rank correlation", *(f"{rank:.2f}" for rank in (*ranks, *others)), ""],
            ],
        ),
        "",
        f"{measured_on(first['machine'])} (each file names its own date and load).",
    ]  # fmt: skip


def _row(one: Result, names: list[str]) -> list[str]:
    distances = (one["distance_corrected"], one["distance_rehearsed"], one["distance"])
    return [
        "-".join(map(str, one["widths"])),
        *(f"{one['rewards'][name]:.3f}" for name in names),
        *(f"{distance:.2f}" for distance in distances),
    ]


def _rank(values: list[float], ends: list[float]) -> float:
    return float(spearmanr(values, ends).statistic)
