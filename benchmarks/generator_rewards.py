"""How rewards rank policies of one generator, against what a recovery makes of each.

    SECATEUR_DATA=... python -m benchmarks.generator_rewards

Uses the dense model of ``benchmarks.generator_pruning``, whose first seed is trained where it
is not there yet.
"""

from __future__ import annotations

import argparse
from functools import partial
from pathlib import Path
from typing import Any

import torch

from agents.problem import PruningProblem
from benchmarks import generator_pruning
from benchmarks.generator_pruning import (
    IMITATE,
    PRUNE,
    RECOVERY,
    SEEDS,
    TARGET,
    Bench,
    Subject,
    record,
)
from benchmarks.page import HERE, Result
from search.home import Home
from secateur import data
from secateur.spec import MNISTData

RESULTS = HERE / "results" / "generator_rewards"
STEMS = (14, 18, 23, 29, 36, 44, 53, 64)
"""Widths of the first group; the second has what the target leaves it."""

SHORT = 500
"""Steps that each policy recovers for."""

REWARDS: dict[str, dict[str, Any]] = {
    "closeness": {},
    "likeness": {"reward": {"kind": "likeness"}},
    "least-squares": {"correction": "least-squares"},
    "imitate": IMITATE,
    "random-channels": {"importance": "random"},
    "uncorrected": {"correction": "none"},
}
"""Rewards by name, and what they change in the pruning."""


def policy(subject: Subject, stem: int) -> Result:
    """What each reward says of one policy, and what recoveries make of it."""
    task, rewards = subject.task({}), {}
    widths = widest(task.problem(TARGET), stem)
    for name, changes in REWARDS.items():
        rewards[name] = subject.task(changes).judge(PRUNE.reward_images)(widths)
    cut = task.candidates.cut
    return {
        "widths": widths,
        "rewards": rewards,
        "distance_corrected": subject.bench.distance(cut(widths)),
        "distance_rehearsed": subject.rehearsal.after_recovery(cut(widths)),
        **subject.recovered(cut(widths), RECOVERY.model_copy(update={"steps": SHORT})),
    }


def widest(problem: PruningProblem, first: int) -> tuple[int, ...]:
    """The policy with this first width that leaves later groups as much as the target does."""
    widths = [first]
    while len(widths) < len(problem.groups):
        widths.append(problem.width(widths, ratio=0.0))
    return tuple(widths)


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--stem", action="append", type=int)
    parser.add_argument("--home", type=Path, default=Home.find().folder / "generator_pruning")
    parser.add_argument("--results", type=Path, default=RESULTS)
    given = parser.parse_args()
    torch.set_num_threads(1)
    bench = Bench(data.load(MNISTData(), 0), given.home.absolute(), given.results)
    subject = Subject(SEEDS[0], bench)
    record("dense", subject.seed, generator_pruning.RESULTS, subject.trained)
    for stem in given.stem or STEMS:
        record(f"policy-{stem}", subject.seed, given.results, partial(policy, subject, stem))


if __name__ == "__main__":
    main()
