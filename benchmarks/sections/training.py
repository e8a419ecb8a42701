"""Images a second in training, against a plain loop with a DataLoader."""

from __future__ import annotations

import statistics

from benchmarks.page import Result, measured_on, table


def lines(results: dict[str, Result]) -> list[str]:
    """The section; ``results`` by data set."""
    settings = next(iter(results.values()))["settings"]
    sides = list(next(iter(results.values()))["rounds"][0]["rates"])
    return [
        "## Training",
        "",
        "Images a second of LeNet's training with random shifts, the validation split scored after",
        "each epoch, against a plain PyTorch loop with torchvision's transforms and a `DataLoader`",
        f"(`benchmarks/training.py`), in turns: batches of {settings['batch']}, "
        f"{settings['threads']} thread each, beside which",
        "the plain loop may have worker processes, on cores of their own. Medians of the rounds;",
        "the first ratio is to the plain loop without workers, one core against one, the others",
        "to its best of the same round, with workers or without.",
        "",
        *table(
            ["Data", "Rounds", *(side.replace("secateur", "Sécateur") for side in sides),
             "On one core", "To the best", "Least", "Most"],
            (_row(name, one, sides) for name, one in results.items()),
        ),
        "",
        *(f"- {name}: {measured_on(one['hardware'])}." for name, one in results.items()),
    ]  # fmt: skip


def _row(name: str, one: Result, sides: list[str]) -> list[str]:
    rounds = one["rounds"]
    ratios = [turn["ratio"] for turn in rounds]
    rates = [statistics.median(turn["rates"][side] for turn in rounds) for side in sides]
    alone = [turn["rates"]["secateur"] / turn["rates"]["plain, 0 workers"] for turn in rounds]
    figures = (statistics.median(alone), statistics.median(ratios), min(ratios), max(ratios))
    return [
        name,
        str(len(rounds)),
        *(f"{rate:,.0f}" for rate in rates),
        *(f"{figure:.2f}" for figure in figures),
    ]
