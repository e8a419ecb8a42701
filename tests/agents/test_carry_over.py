from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import load_file
from torch import nn

from agents import carry_over
from agents.ddpg_agent import episodes
from agents.problem import PruningProblem
from secateur.compression.cost import CostModel
from secateur.compression.plan import SurgeryPlan
from secateur.compression.policy import allowed_widths
from secateur.errors import SpecError
from secateur.spec import DDPGSpec

# The actor alone, which is all that is carried over, at rates that learn in few episodes.
SPEC = DDPGSpec(
    imagined=0, warmup=0.3, actor_learning_rate=1e-3, critic_learning_rate=3e-3, updates=4
)
FEW = 6


@pytest.fixture(autouse=True)
def on_ray(ray_session: None) -> None:
    """RLlib would start a Ray of its own where none runs."""


def second_group(widths: tuple[int, ...]) -> float:
    """Best for a wide second group, so a narrow first one; the uniform policy earns 0.5."""
    return widths[1] / 4


@pytest.fixture
def job(problem: PruningProblem, tmp_path: Path) -> Path:
    """The agent of a job called ``trained``."""
    state = tmp_path / "trained" / "agents" / "target-0.5-seed-0" / "stage-1"
    list(episodes(SPEC, problem, second_group, 40, 0, state))
    return state


def mean_reward(problem: PruningProblem, spec: DDPGSpec, state: Path) -> float:
    played = episodes(spec, problem, second_group, FEW, 1, state)
    return float(np.mean([episode.reward for episode in played]))


def test_a_carried_over_agent_beats_a_fresh_one(
    problem: PruningProblem, job: Path, tmp_path: Path
) -> None:
    other = PruningProblem(problem.groups, problem.cost, problem.allowed, 0.6)
    state = tmp_path / "next" / "agents" / "target-0.6-seed-0" / "stage-1"
    # Of the same noise, so that the weights alone make the difference.
    quiet = {"noise": 0.1, "noise_final": 0.1}
    fresh = SPEC.model_copy(update={**quiet, "warmup": 0.0})
    carried = fresh.model_copy(update={"start_from": "trained"})
    assert mean_reward(other, carried, state) > mean_reward(other, fresh, tmp_path / "x") + 0.15


def test_agents_are_found_by_job_and_by_folder_or_named_as_unfit(
    problem: PruningProblem, job: Path, tmp_path: Path
) -> None:
    state = tmp_path / "next" / "agents" / "target-0.6-seed-0" / "stage-1"
    assert carry_over.find("trained", state) == job / carry_over.WEIGHTS
    assert carry_over.find(str(job.parent), state) == job / carry_over.WEIGHTS

    def play(spec: DDPGSpec) -> Iterator[object]:
        return episodes(spec, problem, second_group, 2, 0, tmp_path / "next" / "agents" / "one")

    with pytest.raises(SpecError, match=r"^prune\.agent\.start_from: 'nobody'"):
        next(play(SPEC.model_copy(update={"start_from": "nobody"})))
    with pytest.raises(SpecError, match="'~nobody-of-this-name/job' is not usable"):
        carry_over.find("~nobody-of-this-name/job", state)
    graph = SPEC.model_copy(update={"start_from": str(job), "state": "graph"})
    with pytest.raises(SpecError, match="the same 'state'"):
        next(play(graph))


@pytest.mark.parametrize("state_kind", ["layers", "graph"])
def test_an_agent_goes_on_to_another_network(
    network: nn.Sequential, problem: PruningProblem, tmp_path: Path, state_kind: str
) -> None:
    spec = SPEC.model_copy(update={"state": state_kind, "updates": 1})
    trained = tmp_path / "trained"
    list(episodes(spec, problem, second_group, 4, 0, trained))
    before = load_file(trained / carry_over.WEIGHTS)

    deeper = nn.Sequential(*network[:5], nn.Conv2d(4, 6, 1), nn.ReLU(), nn.Conv2d(6, 2, 2)).eval()
    plan = SurgeryPlan.of(deeper, (1, 6, 6))
    cost = CostModel.of(deeper, plan, (1, 6, 6))
    other = PruningProblem(plan.groups, cost, allowed_widths(plan.groups), 0.5)
    assert len(other.groups) == 3
    carried = spec.model_copy(update={"start_from": str(trained), "warmup": 0.0})
    played = list(episodes(carried, other, lambda widths: widths[1] / 4, 1, 0, tmp_path / "next"))
    assert len(played[0].widths) == 3
    after = load_file(tmp_path / "next" / carry_over.WEIGHTS)
    # One episode of three updates at 1e-3: the weights are the trained ones, hardly moved.
    for name, array in before.items():
        np.testing.assert_allclose(after[name], array, atol=0.02)
