from __future__ import annotations

import math
from typing import get_args

import pytest
import torch
from ray import cloudpickle
from torch import nn

from agents import rewards
from agents.candidates import Candidates, correction, score
from agents.problem import PruningProblem
from agents.rewards import FlopsWorth, LatencyWorth, accuracy_alone, worth_of
from secateur.compression.correction import Recalibration, untouched
from secateur.compression.imitation import Imitation
from secateur.compression.least_squares import LeastSquares
from secateur.compression.plan import SurgeryPlan
from secateur.errors import SpecError
from secateur.spec import PruneSpec, parse
from secateur.spec.rewards import (
    AccuracyReward,
    FlopsReward,
    LatencyReward,
    LikenessReward,
    RewardSpec,
)

# All but the one that needs a judge of images; ``test_generation.py`` has it.
OF_CLASSIFIERS = sorted(set(get_args(get_args(RewardSpec)[0])) - {LikenessReward}, key=str)


@pytest.fixture
def candidates(network: nn.Module) -> Candidates:
    plan = SurgeryPlan.of(network, (1, 6, 6))
    return Candidates(network, plan, score("l1", network, plan, 0), untouched)


def test_accuracy_is_worth_itself() -> None:
    assert accuracy_alone(0.3, (4, 2)) == 0.3


def test_amc_pays_by_error_and_log_flops(problem: PruningProblem) -> None:
    worth = FlopsWorth(problem.cost)
    # (4, 2) costs 1,152 + 576 + 32 = 1,760 FLOPs and (8, 4) 4,672.
    assert worth(0.9, (4, 2)) == pytest.approx(-0.1 * math.log(1760))
    assert worth(0.9, (8, 4)) == pytest.approx(-0.8449, abs=1e-4)
    assert worth(1.0, (8, 4)) == 0
    # Half the error is worth more than any cut that leaves its logarithm above half.
    assert worth(0.9, (8, 4)) > worth(0.8, (4, 2))


def test_latency_is_paid_for_as_in_mnasnet() -> None:
    worth = LatencyWorth({(4, 2): 0.25, (8, 4): 1.0}.__getitem__, 0.5)
    assert worth(0.6, (8, 4)) == 0.6
    assert worth(0.6, (4, 2)) == pytest.approx(1.2)  # 0.6 · (1/4) ** -0.5


def test_latency_is_measured_once_for_the_same_widths(
    candidates: Candidates, problem: PruningProblem, monkeypatch: pytest.MonkeyPatch
) -> None:
    worth = worth_of(LatencyReward(rounds=3), candidates, problem.cost)
    first = worth(0.5, (4, 2))
    assert first > 0
    monkeypatch.setattr(rewards, "relative_latency", lambda *_: pytest.fail("measured again"))
    assert worth(0.5, (4, 2)) == first


def test_a_measured_reward_travels_with_what_it_knows(
    candidates: Candidates, problem: PruningProblem, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As to the runners of an agent, which Ray sends it to."""
    worth = worth_of(LatencyReward(rounds=1), candidates, problem.cost)
    first = worth(0.5, (4, 2))
    there = cloudpickle.loads(cloudpickle.dumps(worth))
    monkeypatch.setattr(rewards, "relative_latency", lambda *_: pytest.fail("measured again"))
    assert there(0.5, (4, 2)) == first


def test_latency_is_that_of_the_cut_network_without_its_correction(
    network: nn.Module, problem: PruningProblem
) -> None:
    plan = SurgeryPlan.of(network, (1, 6, 6))

    def corrects(*_: object) -> None:
        pytest.fail("corrected")

    candidates = Candidates(network, plan, score("l1", network, plan, 0), corrects)
    widths = [layer.out_channels for layer in candidates.bare((4, 2)) if hasattr(layer, "groups")]
    assert widths == [4, 2]
    assert worth_of(LatencyReward(rounds=1), candidates, problem.cost)(0.5, (4, 2)) > 0


@pytest.mark.parametrize("kind", OF_CLASSIFIERS)
def test_every_reward_rises_with_the_accuracy(
    candidates: Candidates, problem: PruningProblem, kind: type[RewardSpec]
) -> None:
    worth = worth_of(kind(), candidates, problem.cost)
    assert worth(0.2, (4, 2)) < worth(0.4, (4, 2)) < worth(1.0, (4, 2))


def test_no_two_rewards_are_the_same(
    candidates: Candidates, problem: PruningProblem, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rewards, "relative_latency", lambda *_: 0.25)
    paid = {worth_of(kind(), candidates, problem.cost)(0.5, (4, 2)) for kind in OF_CLASSIFIERS}
    assert len(paid) == len(OF_CLASSIFIERS)


def test_corrections_and_criteria_by_name(candidates: Candidates) -> None:
    network, plan = candidates.network, candidates.plan
    images = torch.randn(4, 1, 6, 6)
    assert correction("none", network, plan, images) is untouched
    assert isinstance(correction("recalibrate", network, plan, images), Recalibration)
    assert isinstance(correction("least-squares", network, plan, images), LeastSquares)
    assert isinstance(correction("imitate", network, plan, images), Imitation)
    first, other = (score("random", network, plan, seed)[0] for seed in (1, 2))
    assert (first != other).any()


def test_a_reward_may_be_named_in_short() -> None:
    assert PruneSpec.model_validate({"reward": "flops"}).reward == FlopsReward()
    assert PruneSpec().reward == AccuracyReward()
    whole = {"kind": "latency", "exponent": 0.2}
    assert PruneSpec.model_validate({"reward": whole}).reward == LatencyReward(exponent=0.2)


@pytest.mark.parametrize(
    ("prune", "message"),
    [
        ({"reward": "acuracy"}, r"prune\.reward: .*'accuracy' \(nearest"),
        ({"reward": {"kind": "latency", "exponnent": 1}}, r"prune\.reward\.exponnent: .*exponent"),
        ({"reward": "likeness"}, r"prune\.reward\.kind: 'likeness'.*a reward of generators"),
        ({"correction": "least-square"}, r"prune\.correction: .*'least-squares'"),
        ({"stages": {"largest": 1.0}}, r"prune\.stages\.largest: 1\.0"),
    ],
)
def test_a_typo_is_refused_by_its_path(prune: dict[str, object], message: str) -> None:
    with pytest.raises(SpecError, match=message):
        parse({"name": "job", "data": {"kind": "digits"}, "prune": prune})
