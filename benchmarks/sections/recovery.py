"""What brings a pruned network's accuracy back, and what pruning at other times gives."""

from __future__ import annotations

from collections import defaultdict
from statistics import mean

from benchmarks.page import Result, measured_on, percent, table

LABELS = {
    "dense": "Dense, half of the epochs",
    "dense-twice-as-long": "Dense",
    "cut-alone": "Cut after training, no recovery",
    "finetune": "Fine-tuned at {learning_rate_factor:g} of the rate",
    "finetune-full-rate": "Fine-tuned at the full rate (learning rate rewinding)",
    "rewind": "Weights rewound to epoch {rewind_epoch}",
    "reinitialise": "Random re-initialisation",
    "at-initialisation": "Pruned at initialisation",
    "during-training": "Pruned during training, in {cuts} cuts",
    "unstructured": "Unstructured, fine-tuned at {learning_rate_factor:g} of the rate",
}
"""Of the rows, in their order; what is distilled follows what is not."""

_DISTILLED = "-distilled"


def lines(results: dict[str, Result]) -> list[str]:
    """The section; ``results`` by row and seed."""
    first = next(iter(results.values()))
    rows: dict[str, list[Result]] = defaultdict(list)
    for one in results.values():
        rows[one["row"]].append(one)
    names = [name for label in LABELS for name in (label, label + _DISTILLED) if name in rows]
    best = max(filter(lambda name: _saves(rows[name]), names), key=lambda name: _mean(rows[name]))
    settings, seeds = first["settings"], {one["seed"] for one in results.values()}
    return [
        "## Recovery",
        "",
        f"{settings['network']} on {settings['images']:,} training images of {settings['data']} "
        f"({settings['validation']:.0%} of them for validation), "
        f"cut to the uniform widths {', '.join(map(str, first['widths']))} for a target of "
        f"{settings['target']:.0%}; {2 * settings['epochs']} epochs in all for every row but the "
        f"first and the third. Distilled: {settings['distillation']:g} of the loss are the dense "
        f"network's answers at temperature {settings['temperature']:g}. Accuracy on the test "
        f"split, mean ± standard deviation over {len(seeds)} seeds, in %. Unstructured pruning "
        "zeroes as many weights as the structured cut removes: the zeros are stored and "
        "multiplied like any value, so FLOPs stay. The best mean of those that save FLOPs is bold.",
        "",
        *table(
            ["", "Runs", "Accuracy", "FLOPs", "Parameters", "Of them zero"],
            (_row(name, rows[name], best=name == best) for name in names),
        ),
        "",
        f"{measured_on(first['machine'])} ({first['machine']['threads']} thread(s); each file "
        "names its own command, date and load).",
    ]


def _row(name: str, runs: list[Result], *, best: bool) -> list[str]:
    plain = name.removesuffix(_DISTILLED)
    label = LABELS[plain].format(**runs[0]["settings"]) + (", distilled" if plain != name else "")
    first, accuracy = runs[0], percent([run["accuracy"] for run in runs])
    return [
        label,
        str(len(runs)),
        f"**{accuracy}**" if best else accuracy,
        f"{first['flops'] / first['dense']['flops'] - 1:+.1%}",
        f"{first['parameters']:,}",
        f"{mean(run['zeros'] for run in runs):,.0f}",
    ]


def _saves(runs: list[Result]) -> bool:
    """Whether a row has fewer FLOPs than the dense network."""
    return bool(runs[0]["flops"] < runs[0]["dense"]["flops"])


def _mean(runs: list[Result]) -> float:
    return float(mean(run["accuracy"] for run in runs))
