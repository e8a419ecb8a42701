"""The section of docs/benchmarks.md that compares agents, made from the JSON of their runs."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from statistics import mean, stdev

from benchmarks.after_finetuning import IMAGES
from benchmarks.page import Result, percent
from benchmarks.search_quality import HELD_OUT, RERANK, REWARD_IMAGES

DEFAULT = "ddpg"
Widths = tuple[str, tuple[int, ...]]
"""A network and the widths of its groups."""

HALF = 80
"""Evaluations after which rewards are looked at as well."""

COLUMNS = {
    "half": f"Reward after {HALF}",
    "reward": "Reward",
    "held_out": "Held out",
    "finetuned": "Fine-tuned",
}
JUDGED = {"held_out": "before", "finetuned": "after"}
"""The columns that say who wins, and when they are taken."""

CUTS = ("flops_cut", "parameters_cut")


def section_of(runs: Sequence[Result], finetuned: Mapping[Widths, float] | None = None) -> str:
    """Markdown tables, one a network and target, and who wins; empty without results.

    Args:
        runs: one a file, as ``benchmarks.search_quality`` writes them.
        finetuned: accuracy by (network, widths), of ``benchmarks.after_finetuning``.
    """
    if not runs:
        return ""
    problems: dict[tuple[str, int, float], list[Result]] = defaultdict(list)
    for run in runs:
        figures = _figures(run, finetuned or {})
        problems[run["network"], run["episodes"], run["target"]].append(run | figures)
    tables = [_problem(problem, found) for problem, found in sorted(problems.items())]
    won = [_score(problems, column) for column in JUDGED]
    return "\n\n".join([_head(runs), *filter(None, won), *tables]) + "\n"


def _figures(run: Result, finetuned: Mapping[Widths, float]) -> Result:
    """One value a column; ``finetuned`` is absent where nobody has done it."""
    figures = {"half": max(run["rewards"][:HALF]), "reward": max(run["rewards"])}
    recovered = finetuned.get((run["network"], tuple(run["widths"])))
    return figures | ({} if recovered is None else {"finetuned": recovered})


def _head(runs: Sequence[Result]) -> str:
    machines = {(run["machine"]["processor"], run["machine"]["threads"]) for run in runs}
    versions = {(run["machine"]["torch"], run["machine"]["ray"]) for run in runs}
    hardware = "; ".join(f"{name}, {threads} thread(s)" for name, threads in sorted(machines))
    software = "; ".join(f"torch {torch}, ray {ray}" for torch, ray in sorted(versions))
    return (
        "## Search quality\n\n"
        f"{len(runs)} runs. {hardware}; {software}.\n"
        "Command: `python -m benchmarks.search_quality` (each JSON names its own), then\n"
        "`python -m benchmarks.after_finetuning`.\n\n"
        f"Every agent has the same number of evaluations{_alone(runs)}. "
        "*Reward*: accuracy after batch-norm "
        f"recalibration on {REWARD_IMAGES} validation images, before fine-tuning, of the best "
        f"policy; *after {HALF}*: of the first {HALF} evaluations. *Held out*: accuracy on "
        f"{HELD_OUT:,} test images of the policy that won when the best {RERANK} were compared "
        "again on the whole validation split. *Fine-tuned*: the same after one epoch on "
        f"{IMAGES:,} training "
        "images with the dense network as teacher. Mean ± standard deviation over the seeds, in %. "
        "`-relative`: a rival that takes the same relative actions as `ddpg`; "
        "`ddpg-published`: actions, exploration, state and networks of He et al. 2018. "
        "*Own s*: seconds of the clock beside the evaluations. The best mean of a column is bold."
    )


def _alone(runs: Sequence[Result]) -> str:
    """A word on agents that know of one policy and need no more."""
    names = sorted({f"`{run['agent']}`" for run in runs if len(run["rewards"]) == 1})
    return f", but for those of a single policy: {', '.join(names)}" if names else ""


def _score(problems: dict[tuple[str, int, float], list[Result]], column: str) -> str:
    """On how many problems the default agent is best, and where it is not."""
    lost, count = [], 0
    for (network, _, target), runs in sorted(problems.items()):
        values = {agent: _values(found, column) for agent, found in _by_agent(runs).items()}
        held = {agent: mean(found) for agent, found in values.items() if found}
        if DEFAULT not in held:
            continue
        count += 1
        best = max(held, key=lambda agent: held[agent])
        if held[best] > held[DEFAULT]:
            behind = 100 * (held[best] - held[DEFAULT])
            spread = 100 * _spread(values[best])
            lost.append(f"{network} at -{target:.0%}: `{best}` by {behind:.2f} (± {spread:.2f})")
    if not count:
        return ""
    won = (
        f"`{DEFAULT}` has the best mean on held-out images, {JUDGED[column]} fine-tuning, on "
        f"{count - len(lost)} of {count} problems."
    )
    return won + ("" if not lost else " Ahead of it, in points: " + "; ".join(lost) + ".")


def _problem(problem: tuple[str, int, float], runs: Sequence[Result]) -> str:
    network, episodes, target = problem
    by_agent = _by_agent(runs)
    values = {
        agent: [_values(found, column) for column in COLUMNS] for agent, found in by_agent.items()
    }
    best = [
        max((mean(found[place]) for found in values.values() if found[place]), default=0.0)
        for place in range(len(COLUMNS))
    ]
    lines = [
        f"### {network} on {runs[0]['data']}, FLOPs -{target:.0%}, {episodes} evaluations\n",
        f"Dense: {100 * runs[0]['dense_accuracy']:.2f} % on the held-out images.\n",
        f"| Agent | Seeds | {' | '.join(COLUMNS.values())} | FLOPs cut | Parameters cut | Own s |",
        "|---|" + "---:|" * (len(COLUMNS) + 4),
    ]
    held = list(COLUMNS).index("held_out")
    for agent in sorted(values, key=lambda agent: -mean(values[agent][held])):
        cells = [_cell(found, top) for found, top in zip(values[agent], best, strict=True)]
        cells += [f"{100 * _mean(by_agent[agent], key):.1f}" for key in CUTS]
        cells.append(_own(by_agent[agent]))
        lines.append(f"| {agent} | {len(by_agent[agent])} | {' | '.join(cells)} |")
    return "\n".join(lines)


def _own(runs: Sequence[Result]) -> str:
    """Seconds beside the evaluations, of runs that were played in one go."""
    whole = [run for run in runs if not run.get("resumed")]
    own = [run["seconds"] - run["evaluation_seconds"] for run in whole]
    return f"{mean(own):.1f}" if own else "-"


def _mean(runs: Sequence[Result], column: str) -> float:
    return mean(_values(runs, column))


def _by_agent(runs: Sequence[Result]) -> dict[str, list[Result]]:
    agents: dict[str, list[Result]] = defaultdict(list)
    for run in runs:
        agents[run["agent"]].append(run)
    return agents


def _values(runs: Sequence[Result], column: str) -> list[float]:
    """One value a run, or none at all where a run lacks it: a mean of some would mislead."""
    values = [float(run[column]) for run in runs if column in run]
    return values if len(values) == len(runs) else []


def _spread(values: Sequence[float]) -> float:
    return stdev(values) if len(values) > 1 else 0.0


def _cell(values: Sequence[float], best: float) -> str:
    if not values:
        return "-"
    text = percent(values)
    return f"**{text}**" if mean(values) == best else text
