"""How near a DCGAN of MNIST comes to real images in so much CPU time."""

from __future__ import annotations

from statistics import median

from benchmarks.page import Result, measured_on, table


def lines(results: dict[str, Result]) -> list[str]:
    """The section; ``results`` by data set and seed."""
    first = next(iter(results.values()))
    distances = [one["test"]["distance"] for one in results.values()]
    return [
        "## Training a generator",
        "",
        "A DCGAN of MNIST (`benchmarks/generator_training.py`), trained for "
        f"{first['recipe']['seconds']:g} CPU seconds of one",
        f"core: {len(results)} seeds, median distance {median(distances):.2f} to the test split,",
        f"on features `{first['test']['judge']}`, where real training images have "
        f"{first['real']:.2f}.",
        "None of this is an Inception FID.",
        "",
        *table(
            ["Seed", "Steps", "CPU seconds", "Distance", "Coverage", "Collapsed"],
            (_row(one) for one in results.values()),
        ),
        "",
        *(f"- seed {one['recipe']['seed']}: {measured_on(one['hardware'])}."
          for one in results.values()),
    ]  # fmt: skip


def _row(one: Result) -> list[str]:
    last, test = one["rounds"][-1], one["test"]
    return [
        str(one["recipe"]["seed"]),
        f"{last['step']:,}",
        f"{last['seconds']:.1f}",
        f"{test['distance']:.2f}",
        f"{test['coverage']:.2f}",
        "yes" if test["collapsed"] else "no",
    ]
