"""What every criterion and every correction holds that a spec can name."""

from __future__ import annotations

from itertools import chain
from typing import get_args

import numpy as np
import pytest
import torch
from torch import nn

from agents.candidates import Candidates, correction, score
from secateur.compression.importance import keep
from secateur.compression.plan import SurgeryPlan
from secateur.compression.recovery import recalibrate
from secateur.spec.prune import CorrectionKind, ImportanceKind
from tests.agents.conftest import SHAPE
from tests.secateur.lively import enliven

CRITERIA: tuple[ImportanceKind, ...] = get_args(ImportanceKind)
CORRECTIONS: tuple[CorrectionKind, ...] = get_args(CorrectionKind)
WIDTHS = (3, 2)


@pytest.fixture
def images() -> torch.Tensor:
    return torch.randn(64, *SHAPE)


@pytest.fixture
def lively(images: torch.Tensor) -> nn.Module:
    """No two channels alike, and a batch norm that sees other values once a layer before is cut."""
    network = nn.Sequential(
        nn.Conv2d(1, 8, 3),
        nn.BatchNorm2d(8),
        nn.ReLU(),
        nn.Conv2d(8, 4, 3),
        nn.BatchNorm2d(4),
        nn.ReLU(),
        nn.Flatten(),
        nn.Linear(16, 2),
    )
    recalibrate(enliven(network), [images])
    return network.eval()


def state(network: nn.Module) -> dict[str, torch.Tensor]:
    return {name: value.clone() for name, value in network.state_dict().items()}


def same(one: dict[str, torch.Tensor], other: dict[str, torch.Tensor]) -> bool:
    return all(torch.equal(value, other[name]) for name, value in one.items())


@pytest.mark.parametrize("kind", CRITERIA)
def test_every_criterion_tells_all_channels_apart(kind: ImportanceKind, lively: nn.Module) -> None:
    plan, before = SurgeryPlan.of(lively, SHAPE), state(lively)
    scores, again = (score(kind, lively, plan, seed=1) for _ in range(2))
    assert [len(set(group.tolist())) for group in scores] == [8, 4]
    assert all(map(np.array_equal, scores, again))
    assert np.isfinite(np.concatenate(scores)).all()
    assert same(before, lively.state_dict())


def test_no_two_criteria_are_the_same(lively: nn.Module) -> None:
    plan = SurgeryPlan.of(lively, SHAPE)
    found = {tuple(chain(*score(kind, lively, plan, seed=1))) for kind in CRITERIA}
    assert len(found) == len(CRITERIA)


def cut_by(kind: CorrectionKind, network: nn.Module, images: torch.Tensor) -> nn.Module:
    plan = SurgeryPlan.of(network, SHAPE)
    correct = correction(kind, network, plan, images)
    return Candidates(network, plan, score("l1", network, plan, 0), correct).cut(WIDTHS)


@pytest.mark.parametrize("kind", CORRECTIONS)
def test_every_correction_is_of_the_cut_network_alone(
    kind: CorrectionKind, lively: nn.Module, images: torch.Tensor
) -> None:
    before = state(lively)
    pruned, again = (cut_by(kind, lively, images) for _ in range(2))
    assert same(before, lively.state_dict())
    assert same(pruned.state_dict(), again.state_dict())
    assert tuple(pruned[index].out_channels for index in (0, 3)) == WIDTHS


@pytest.mark.parametrize("kind", sorted(set(CORRECTIONS) - {"none"}))
def test_every_correction_gives_channels_nearer_their_means_in_the_dense_network(
    kind: CorrectionKind, lively: nn.Module, images: torch.Tensor
) -> None:
    """What the second norm passes on: the layer before it reads 3 channels of 8."""
    kept = keep(score("l1", lively, SurgeryPlan.of(lively, SHAPE), 0), WIDTHS)[1]

    def means(network: nn.Module) -> torch.Tensor:
        with torch.inference_mode():
            return network.eval()[:5](images).mean((0, 2, 3))

    def distance(kind: CorrectionKind) -> float:
        found = means(cut_by(kind, lively, images))
        return (found - means(lively)[kept]).abs().max().item()

    assert distance(kind) < 0.1 * distance("none")


def test_no_two_corrections_are_the_same(lively: nn.Module, images: torch.Tensor) -> None:
    found = {
        tuple(
            value.item() for tensor in network.state_dict().values() for value in tensor.flatten()
        )
        for network in (cut_by(kind, lively, images) for kind in CORRECTIONS)
    }
    assert len(found) == len(CORRECTIONS)
