"""A small pruning problem with numbers that can be worked out by hand."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from agents.problem import PruningProblem
from secateur.compression.cost import CostModel
from secateur.compression.plan import SurgeryPlan
from secateur.compression.policy import allowed_widths

SHAPE = (1, 6, 6)


def two_convolutions() -> nn.Module:
    """1 -> 8 -> 4 channels by 3x3 without padding on 6x6 images, then 16 features -> 2.

    FLOPs: 2·1·8·9·16 = 2,304, 2·8·4·9·4 = 2,304 and 2·16·2 = 64: 4,672 in all.
    """
    torch.manual_seed(0)
    return nn.Sequential(
        nn.Conv2d(1, 8, 3),
        nn.BatchNorm2d(8),
        nn.ReLU(),
        nn.Conv2d(8, 4, 3),
        nn.ReLU(),
        nn.Flatten(),
        nn.Linear(16, 2),
    ).eval()


@pytest.fixture
def network() -> nn.Module:
    return two_convolutions()


@pytest.fixture
def problem(network: nn.Module) -> PruningProblem:
    """Half of the FLOPs of ``two_convolutions`` are to go; any width from 1/5 up is allowed."""
    plan = SurgeryPlan.of(network, SHAPE)
    cost = CostModel.of(network, plan, SHAPE)
    return PruningProblem(plan.groups, cost, allowed_widths(plan.groups), 0.5)
