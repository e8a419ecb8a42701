"""The headline table: networks of CIFAR-10, pruned as published and by Sécateur."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from statistics import mean

from benchmarks.cifar10.pictures import draw
from benchmarks.cifar10.protocols import PROTOCOLS
from benchmarks.cifar10.subjects import SUBJECTS, Published, Subject
from benchmarks.page import PAGE, Result, measured_on, percent, spread, table

HEAD = [
    "Row",
    "Seeds",
    "Accuracy, %",
    "Change, points",
    "FLOPs cut, %",
    "Parameters cut, %",
    "Size, MB",
    "Latency",
]
_NOTHING = "-"


@dataclass(frozen=True)
class Problem:
    """What was found about one network on one data set at one effort.

    Attributes:
        network: of ``SUBJECTS``.
        data: name of the images.
        effort: of ``EFFORTS``.
        stages: results by the name of the stage, one a seed.
    """

    network: str
    data: str
    effort: str
    stages: Mapping[str, Sequence[Result]]

    @property
    def subject(self) -> Subject:
        """What is known of the network."""
        return SUBJECTS[self.network]

    @cached_property
    def dense(self) -> dict[int, Result]:
        """The dense network of each seed."""
        return {one["seed"]: one for one in self.stages["train"]}

    def recovered(self, protocol: str) -> list[Result]:
        """What a protocol ended with, by seed."""
        return list(self.stages.get(f"finetune-{protocol}", ()))

    def changes(self, protocol: str) -> list[float]:
        """Accuracy against the dense network of the same seed, a share."""
        return [
            one["accuracy"] - self.dense[one["seed"]]["accuracy"]
            for one in self.recovered(protocol)
        ]


def lines(found: dict[str, Result]) -> list[str]:
    """The section, from one result a stage and seed."""
    shown = [one for one in found.values() if one["effort"] != "tiny"]
    problems = list(_problems(shown))
    if not problems:
        return []
    missing = [name for name in SUBJECTS if name not in {one.network for one in problems}]
    return [
        "## The headline table: pruning on CIFAR-10",
        "",
        *_protocol(shown),
        *(line for problem in problems for line in _problem(problem)),
        "",
        *([f"Not played yet: {', '.join(missing)}."] if missing else []),
        "",
        f"The last of {len(shown)} stages: {measured_on(_last(shown)['machine'])}.",
    ]


def _last(found: Sequence[Result]) -> Result:
    return max(found, key=lambda one: str(one["machine"]["date"]))


def _problems(found: Sequence[Result]) -> Iterator[Problem]:
    """Those whose dense network is there, in the order of ``SUBJECTS``."""
    order = list(SUBJECTS)
    keys = {(one["network"], one["data"], one["effort"]) for one in found}
    for key in sorted(keys, key=lambda key: (order.index(key[0]), *key)):
        own = [one for one in found if (one["network"], one["data"], one["effort"]) == key]
        stages: dict[str, list[Result]] = {}
        for one in sorted(own, key=lambda one: int(one["seed"])):
            stages.setdefault(one["stage"], []).append(one)
        if "train" in stages:
            yield Problem(*key, stages)


def _protocol(found: Sequence[Result]) -> list[str]:
    graphics = sorted({one["machine"]["gpu"] for one in found} - {None})
    where = f"On {', '.join(graphics)}." if graphics else "No GPU was at hand: all on a CPU."
    return [
        f"{where} Each stage is `python -m benchmarks.cifar10 --network ... --stage ...`, resumed "
        "where it stopped. `cifar10-jpeg` is a lossy copy of CIFAR-10, which costs 2 to 3 points "
        "of accuracy, and a short training costs more: compare the change against the dense "
        "network of the same seed, not accuracies. Policies are found and chosen on 5,000 training "
        "images that no network is trained on; accuracies are those of all 10,000 test images. "
        "*As published*: 100 episodes of DDPG at noise 0.5 and 300 with decay, rewarded by the "
        "accuracy right after one cut, channels by L1 norm, one fine-tune at a tenth of the rate. "
        "*Sécateur*: as many episodes of the agent of the jobs, rewarded after batch-norm "
        "recalibration, in stages, and recovery at the full rate with the dense network as "
        "teacher. Two rows tell what is due to the recovery alone: uniform widths instead of "
        "the agent's, which rounding may have cut more than asked, and the dense network trained "
        "on alike. All recover for as many epochs. "
        "Latency: of one image, as a share of the dense network's on the same machine.",
    ]


def _problem(problem: Problem) -> Iterator[str]:
    subject, dense = problem.subject, list(problem.dense.values())
    epochs = dense[0]["recipe"]["epochs"]
    yield from ("", f"### {subject.title} on {problem.data}, FLOPs -{subject.target:.1%}", "")
    played = [name for name in PROTOCOLS if problem.recovered(name)]
    recovery = [problem.recovered(name)[0]["spec"]["epochs"] for name in played]
    told = f" and {recovery[0]} of recovery" if recovery else ""
    yield f"{epochs} epochs of dense training{told}."
    yield ""
    rows = [_dense_row(dense), *(_row(problem, name) for name in played)]
    yield from table(HEAD, [*rows, *map(_published_row, subject.published)])
    yield from _verdict(problem)
    yield from _searches(problem)
    policies = {
        PROTOCOLS[name].title: problem.stages[f"search-{name}"][0]
        for name in PROTOCOLS
        if f"search-{name}" in problem.stages
    }
    if policies:
        name = f"{problem.network}-{problem.data}-{problem.effort}"
        for file in draw(policies, PAGE.parent / "pictures", name):
            yield from ("", f"![{subject.title}](pictures/{file.name})")


def _dense_row(dense: Sequence[Result]) -> list[str]:
    costs = [_NOTHING, _NOTHING, _NOTHING, f"{_mean(dense, 'megabytes'):.2f}", "1.00"]
    return ["Dense", str(len(dense)), percent([one["accuracy"] for one in dense]), *costs]


def _row(problem: Problem, protocol: str) -> list[str]:
    found = problem.recovered(protocol)
    dense = next(iter(problem.dense.values()))
    cuts = [
        _NOTHING if protocol == "longer" else f"{100 * (1 - _mean(found, key) / dense[key]):.1f}"
        for key in ("flops", "parameters")
    ]
    return [
        PROTOCOLS[protocol].title,
        str(len(found)),
        percent([one["accuracy"] for one in found]),
        _signed(problem.changes(protocol)),
        *cuts,
        f"{_mean(found, 'megabytes'):.2f}",
        f"{_mean(found, 'latency'):.2f}",
    ]


def _mean(found: Sequence[Result], key: str) -> float:
    return mean(float(one[key]) for one in found)


def _signed(changes: Sequence[float]) -> str:
    shown = spread(changes, scale=100, digits=2)
    return shown if shown.startswith("-") else f"+{shown}"


def _published_row(row: Published) -> list[str]:
    def shown(value: float | None) -> str:
        return _NOTHING if value is None else f"{value:g}"

    change = _NOTHING if row.change is None else f"{row.change:+.2f}"
    title = f"{row.source}{f' ({row.note})' if row.note else ''}, in print, originals"
    cuts = [shown(row.flops), shown(row.parameters)]
    return [title, _NOTHING, shown(row.accuracy), change, *cuts, _NOTHING, _NOTHING]


def _verdict(problem: Problem) -> Iterator[str]:
    """What was asked for, and what came of it."""
    changes, asked = problem.changes("ours"), problem.subject.asked
    if changes and asked is not None:
        got = 100 * mean(changes)
        word = "reached" if got >= asked else "not reached"
        yield ""
        yield (
            f"Asked: a change of at least {asked:+.1f} points; "
            f"Sécateur's mean is {got:+.2f}: {word}."
        )
        yield from _reserves(problem)


def _reserves(problem: Problem) -> Iterator[str]:
    """What keeps the change from telling what pruning alone does."""
    reached = problem.subject.reached
    dense = 100 * mean(one["accuracy"] for one in problem.dense.values())
    if reached is not None and dense < reached:
        yield (
            f"Dense networks of the field reach {reached:.1f} % on the originals, this one "
            f"{dense:.1f} %: it had more to learn, and what was trained on from it has learned "
            "some of that."
        )
    if not problem.recovered("longer"):
        yield "What as much training gives the dense network is not known yet."


def _searches(problem: Problem) -> Iterator[str]:
    """How the agents did before the recovery."""
    told = []
    for name, protocol in PROTOCOLS.items():
        for one in problem.stages.get(f"search-{name}", ()):
            cut = [
                100 * found["cut"]
                for found in problem.recovered(name)
                if found["seed"] == one["seed"]
            ]
            tested = f", {cut[0]:.1f} % of the test images before recovery" if cut else ""
            count = len(one["rewards"])
            told.append(
                f"{protocol.title}, seed {one['seed']}: {count} episode{'s'[: count > 1]} in "
                f"{one['cpu_seconds'] / 60:.1f} CPU minutes{tested}"
            )
    if told:
        yield from ("", "Search: " + "; ".join(told) + ".")
