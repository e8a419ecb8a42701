from __future__ import annotations

import pytest
import torch
from torch import nn

from agents.reward import Candidates, RecalibratedAccuracy
from secateur.compression import importance
from secateur.compression.plan import SurgeryPlan
from secateur.errors import NonFiniteRewardError


@pytest.fixture
def candidates(network: nn.Module) -> Candidates:
    plan = SurgeryPlan.of(network, (1, 6, 6))
    calibration = torch.randn(64, 1, 6, 6, generator=torch.Generator().manual_seed(0))
    return Candidates(network, plan, importance.l1(network, plan), calibration)


def test_the_reward_is_the_share_of_right_answers(candidates: Candidates) -> None:
    images = torch.randn(300, 1, 6, 6, generator=torch.Generator().manual_seed(1))
    with torch.inference_mode():
        answers = candidates.cut((4, 2)).eval()(images).argmax(dim=1)
    wrong = torch.arange(300) % 4 == 0
    labels = torch.where(wrong, 1 - answers, answers)
    assert RecalibratedAccuracy(candidates, images, labels)((4, 2)) == 0.75


def test_widths_seen_before_are_not_measured_again(
    candidates: Candidates, monkeypatch: pytest.MonkeyPatch
) -> None:
    images, labels = torch.zeros(4, 1, 6, 6), torch.zeros(4, dtype=torch.int64)
    judge = RecalibratedAccuracy(candidates, images, labels)
    first = judge((4, 2))
    monkeypatch.setattr(Candidates, "cut", lambda *_: pytest.fail("measured again"))
    assert judge((4, 2)) == first


def test_cutting_leaves_the_dense_network_alone(candidates: Candidates) -> None:
    before = {name: value.clone() for name, value in candidates.network.state_dict().items()}
    cut = candidates.cut((3, 2))
    assert sum(parameter.numel() for parameter in cut.parameters()) < 200
    for name, value in candidates.network.state_dict().items():
        torch.testing.assert_close(value, before[name], rtol=0, atol=0)


def test_statistics_are_taken_anew(candidates: Candidates) -> None:
    norm = candidates.cut((8, 4))[1]
    with torch.inference_mode():
        mapped = candidates.network[0](candidates.calibration)
    torch.testing.assert_close(norm.running_mean, mapped.mean((0, 2, 3)), rtol=0, atol=1e-6)


def test_answers_that_are_not_finite_are_an_error(candidates: Candidates) -> None:
    images = torch.full((4, 1, 6, 6), float("inf"))
    judge = RecalibratedAccuracy(candidates, images, torch.zeros(4, dtype=torch.int64))
    with pytest.raises(NonFiniteRewardError, match=r"\[4, 2\].*not finite"):
        judge((4, 2))
