"""What every agent must hold, whatever its method: a new kind is tested by being named."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path

import pytest
from pydantic import TypeAdapter
from torch import nn

from agents.problem import PruningProblem
from agents.registry import KINDS, play
from secateur.compression import importance
from secateur.compression.cost import CostModel
from secateur.compression.plan import SurgeryPlan
from secateur.compression.policy import allowed_widths
from secateur.errors import NonFiniteRewardError
from secateur.records import Episode
from secateur.spec import AgentSpec
from tests.agents.conftest import SHAPE, two_convolutions

BUDGET = 13
"""More than one round of PPO and one checkpoint of DDPG, and a multiple of neither."""

CHECKPOINT = 10
"""Episodes between two checkpoints of DDPG; those after the last are evaluated again."""

SINGLE = ("uniform", "l1-global", "bn-scale")
"""Agents that have one policy to propose."""

Widths = tuple[int, ...]


@dataclass(frozen=True)
class Run:
    episodes: list[Episode]
    evaluations: int


def worth(widths: Widths) -> float:
    """Best for 3 channels in the first group; distinct for most widths."""
    return 1 / (1 + abs(widths[0] - 3)) + widths[-1] / 100


class Recorded:
    """Writes down every evaluation: agents may evaluate in a copy or another process.

    From the evaluation after ``good`` ones on the rewards are NaN.
    """

    def __init__(self, log: Path, good: float = math.inf) -> None:
        self._log, self._good = log, good

    def __call__(self, widths: Widths) -> float:
        with self._log.open("a") as stream:
            stream.write("evaluated\n")
        return worth(widths) if self.count <= self._good else math.nan

    @property
    def count(self) -> int:
        return len(self._log.read_text().splitlines()) if self._log.exists() else 0


def problem_of(network: nn.Module) -> PruningProblem:
    plan = SurgeryPlan.of(network.eval(), SHAPE)
    criteria = {
        "l1": importance.l1(network, plan),
        "bn-scale": importance.bn_scale(network, plan),
    }
    cost = CostModel.of(network, plan, SHAPE)
    return PruningProblem(plan.groups, cost, allowed_widths(plan.groups), 0.5, criteria)


@pytest.fixture(scope="module")
def scored() -> PruningProblem:
    """Half of the FLOPs of two convolutions, with what importance-based agents need."""
    return problem_of(two_convolutions())


def spec(kind: str) -> AgentSpec:
    chosen: AgentSpec = TypeAdapter(AgentSpec).validate_python(kind)
    return chosen


@pytest.fixture(scope="module", params=KINDS)
def kind(request: pytest.FixtureRequest) -> str:
    name: str = request.param
    return name


@pytest.fixture(scope="module")
def whole(
    kind: str, scored: PruningProblem, tmp_path_factory: pytest.TempPathFactory, ray_session: None
) -> Run:
    """One unbroken run for all questions: agents of RLlib take a second to begin."""
    folder = tmp_path_factory.mktemp(kind)
    evaluate = Recorded(folder / "log")
    episodes = list(play(spec(kind), scored, evaluate, BUDGET, 0, folder / "run"))
    return Run(episodes, evaluate.count)


def test_a_run_spends_its_budget_and_keeps_to_the_target(
    kind: str, scored: PruningProblem, whole: Run
) -> None:
    count = 1 if kind in SINGLE else BUDGET
    assert [episode.number for episode in whole.episodes] == list(range(count))
    assert whole.evaluations <= BUDGET
    for episode in whole.episodes:
        assert episode.reward == worth(episode.widths)
        assert episode.flops == scored.cost.flops(episode.widths) <= scored.budget
        pairs = zip(episode.widths, scored.allowed, strict=True)
        assert all(width in allowed for width, allowed in pairs)


def test_the_seed_decides(kind: str, scored: PruningProblem, whole: Run, tmp_path: Path) -> None:
    same, other = (
        list(play(spec(kind), scored, worth, BUDGET, seed, tmp_path / str(seed))) for seed in (0, 1)
    )
    assert same == whole.episodes
    assert (other == same) == (kind in SINGLE)


def test_an_interrupted_run_goes_on_as_if_it_had_not_been(
    kind: str, scored: PruningProblem, whole: Run, tmp_path: Path
) -> None:
    evaluate = Recorded(tmp_path / "log")
    broken = play(spec(kind), scored, evaluate, BUDGET, 0, tmp_path / "run")
    assert list(islice(broken, 11)) == whole.episodes[:11]
    broken.close()  # type: ignore[attr-defined]
    paid = evaluate.count
    mended = list(play(spec(kind), scored, evaluate, BUDGET, 0, tmp_path / "run"))
    assert mended == whole.episodes
    assert evaluate.count - paid <= BUDGET - CHECKPOINT


def test_a_run_ends_where_there_is_enough(
    kind: str, scored: PruningProblem, whole: Run, tmp_path: Path
) -> None:
    told: list[Episode] = []
    run = play(spec(kind), scored, worth, BUDGET, 0, tmp_path / "run", lambda: len(told) >= 3)
    for episode in run:
        told += [episode]
    assert told == whole.episodes[: len(told)]
    # Agents that learn from rounds of episodes end with a round.
    assert len(told) == 1 if kind in SINGLE else 3 <= len(told) < BUDGET


def test_the_least_of_problems(kind: str, tmp_path: Path) -> None:
    network = nn.Sequential(nn.Conv2d(1, 8, 3), nn.ReLU(), nn.Flatten(), nn.Linear(128, 2))
    evaluate = Recorded(tmp_path / "log")
    problem = problem_of(network)
    (episode,) = play(spec(kind), problem, evaluate, 1, 0, tmp_path / "run")
    assert evaluate.count == 1
    assert len(episode.widths) == 1
    assert episode.flops <= problem.budget


def test_a_share_of_the_parameters_goes_too(
    kind: str, scored: PruningProblem, tmp_path: Path, ray_session: None
) -> None:
    """Of the widest that the target in FLOPs leaves, the second limit takes more away."""
    limited = replace(scored, target=0.1, parameters=0.7)
    for episode in play(spec(kind), limited, worth, 3, 0, tmp_path / "run"):
        assert limited.limits.met(episode.widths)


def test_a_reward_that_is_no_number_is_an_error_and_the_record_is_kept(
    kind: str, scored: PruningProblem, whole: Run, tmp_path: Path
) -> None:
    evaluate = Recorded(tmp_path / "log", good=0 if kind in SINGLE else 11)
    with pytest.raises(NonFiniteRewardError, match="nan"):
        list(play(spec(kind), scored, evaluate, BUDGET, 0, tmp_path / "run"))
    mended = Recorded(tmp_path / "mended")
    assert list(play(spec(kind), scored, mended, BUDGET, 0, tmp_path / "run")) == whole.episodes
    assert mended.count <= BUDGET - CHECKPOINT
