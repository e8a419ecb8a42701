"""Rivals that learn beat chance where every group has a best ratio of its own."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
import torch
from pydantic import TypeAdapter
from torch import nn

from agents.problem import PruningProblem
from agents.registry import play
from secateur.compression.cost import CostModel
from secateur.compression.plan import SurgeryPlan
from secateur.compression.policy import allowed_widths
from secateur.records import Episode
from secateur.spec import AgentSpec

SHAPE = (1, 16, 16)
CHANNELS = 16
BEST = np.array([0.3, 0.9, 0.5, 0.7])
"""Share of its channels that each group should keep; it meets the target."""


@pytest.fixture(scope="module")
def chain() -> PruningProblem:
    """Four convolutions in a row, a fifth of whose FLOPs are to go."""
    torch.manual_seed(0)
    sizes = [1] + [CHANNELS] * len(BEST)
    layers = [nn.Conv2d(a, b, 3) for a, b in pairwise(sizes)]
    network = nn.Sequential(*layers, nn.Flatten(), nn.Linear(CHANNELS * 64, 2)).eval()
    plan = SurgeryPlan.of(network, SHAPE)
    cost = CostModel.of(network, plan, SHAPE)
    return PruningProblem(plan.groups, cost, allowed_widths(plan.groups), 0.2)


def closeness(widths: tuple[int, ...]) -> float:
    """1 for the best policy, less by the mean distance from it."""
    return float(1 - np.abs(np.array(widths) / CHANNELS - BEST).mean())


def learned(kind: str, problem: PruningProblem, budget: int, folder: Path) -> float:
    """Mean reward of the last quarter of an agent's episodes, over two seeds."""
    spec: AgentSpec = TypeAdapter(AgentSpec).validate_python(kind)
    last: list[Episode] = []
    for seed in (0, 1):
        run = list(play(spec, problem, closeness, budget, seed, folder / f"{kind}-{seed}"))
        last += run[-budget // 4 :]
    return float(np.mean([episode.reward for episode in last]))


@pytest.mark.parametrize(
    ("kind", "budget", "gain"),
    [
        ("tpe", 80, 0.08),
        ("cmaes", 80, 0.08),
        ("nsga2", 80, 0.04),
        ("bee-colony", 80, 0.04),
        ("ppo", 80, 0.04),
        pytest.param("sac", 80, 0.04, marks=pytest.mark.slow),
    ],
)
@pytest.mark.usefixtures("ray_session")
def test_an_agent_learns(
    kind: str, budget: int, gain: float, chain: PruningProblem, tmp_path: Path
) -> None:
    chance = learned("random", chain, budget, tmp_path)
    got = learned(kind, chain, budget, tmp_path)
    print("GOT", kind, chance, got)
    assert got > chance + gain
