"""The section of docs/benchmarks.md that compares agents, made from the JSON of their runs."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path
from statistics import mean, stdev
from typing import Any

Result = dict[str, Any]
DEFAULT = "ddpg"
HALF = 80
"""Evaluations after which rewards are looked at as well."""


def section(results_dir: Path) -> str:
    """Markdown tables, one a network and target, and who wins; empty without results.

    Args:
        results_dir: with one JSON a run, as ``benchmarks.search_quality`` writes them.
    """
    runs = [json.loads(file.read_text("utf-8")) for file in sorted(results_dir.glob("*.json"))]
    return section_of(runs)


def section_of(runs: Sequence[Result]) -> str:
    """The same from the contents of the files."""
    if not runs:
        return ""
    problems: dict[tuple[str, int, float], list[Result]] = defaultdict(list)
    for run in runs:
        problems[run["network"], run["episodes"], run["target"]].append(run)
    tables = [_problem(problem, found) for problem, found in sorted(problems.items())]
    return "\n\n".join([_head(runs), _score(problems), *tables]) + "\n"


def _head(runs: Sequence[Result]) -> str:
    machines = {(run["machine"]["processor"], run["machine"]["threads"]) for run in runs}
    versions = {(run["machine"]["torch"], run["machine"]["ray"]) for run in runs}
    hardware = "; ".join(f"{name}, {threads} thread(s)" for name, threads in sorted(machines))
    software = "; ".join(f"torch {torch}, ray {ray}" for torch, ray in sorted(versions))
    return (
        "## Search quality\n\n"
        f"{len(runs)} runs. {hardware}; {software}.\n"
        "Command: `python -m benchmarks.search_quality` (each JSON names its own).\n\n"
        "Every agent has the same number of evaluations. *Reward*: accuracy after batch-norm "
        "recalibration on 768 validation images, before fine-tuning, of the best policy; "
        f"*after {HALF}*: of the first {HALF} evaluations. *Held out*: accuracy on 4,000 test "
        "images of the policy that won when the best five were compared again on the whole "
        "validation split. Mean ± standard deviation over the seeds, in %. `-relative`: a "
        "rival that takes the same relative actions as `ddpg`; `ddpg-published`: actions, "
        "exploration and state of He et al. 2018. The best mean of a column is bold."
    )


def _score(problems: dict[tuple[str, int, float], list[Result]]) -> str:
    """On how many problems the default agent is best, and where it is not."""
    lost = []
    for (network, _, target), runs in sorted(problems.items()):
        held = {agent: mean(_values(found, _held_out)) for agent, found in _by_agent(runs).items()}
        best = max(held, key=lambda agent: held[agent])
        if DEFAULT in held and held[best] > held[DEFAULT]:
            behind = 100 * (held[best] - held[DEFAULT])
            lost.append(f"{network} at -{target:.0%}: `{best}` by {behind:.2f} points")
    count = len(problems)
    won = f"`{DEFAULT}` has the best held-out mean on {count - len(lost)} of {count} problems."
    return won + ("" if not lost else " Ahead of it: " + "; ".join(lost) + ".")


def _problem(problem: tuple[str, int, float], runs: Sequence[Result]) -> str:
    network, episodes, target = problem
    by_agent = _by_agent(runs)
    columns = (_half, _reward, _held_out)
    values = {
        agent: [_values(found, column) for column in columns] for agent, found in by_agent.items()
    }
    best = [max(mean(found[place]) for found in values.values()) for place in range(len(columns))]
    lines = [
        f"### {network} on {runs[0]['data']}, FLOPs -{target:.0%}, {episodes} evaluations\n",
        f"Dense: {100 * runs[0]['dense_accuracy']:.2f} % on the held-out images.\n",
        f"| Agent | Seeds | Reward after {HALF} | Reward | Held out | Own seconds a run |",
        "|---|---|---|---|---|---|",
    ]
    for agent in sorted(values, key=lambda agent: -mean(values[agent][-1])):
        cells = [_cell(found, top) for found, top in zip(values[agent], best, strict=True)]
        own = mean(run["seconds"] - run["evaluation_seconds"] for run in by_agent[agent])
        lines.append(f"| {agent} | {len(by_agent[agent])} | {' | '.join(cells)} | {own:.1f} |")
    return "\n".join(lines)


def _by_agent(runs: Sequence[Result]) -> dict[str, list[Result]]:
    agents: dict[str, list[Result]] = defaultdict(list)
    for run in runs:
        agents[run["agent"]].append(run)
    return agents


def _values(runs: Sequence[Result], column: Any) -> list[float]:
    return [column(run) for run in runs]


def _half(run: Result) -> float:
    return float(max(run["rewards"][:HALF]))


def _reward(run: Result) -> float:
    return float(max(run["rewards"]))


def _held_out(run: Result) -> float:
    return float(run["held_out"])


def _cell(values: Sequence[float], best: float) -> str:
    spread = f" ± {100 * stdev(values):.2f}" if len(values) > 1 else ""
    text = f"{100 * mean(values):.2f}{spread}"
    return f"**{text}**" if mean(values) == best else text
