from __future__ import annotations

import pickle

import numpy as np
import pytest
import torch
from torch import nn

from secateur.compression.correction import Recalibration
from secateur.compression.execution import EXACT, Execution
from secateur.compression.imitation import BATCH, Imitation
from secateur.compression.plan import SurgeryPlan

KEPT = [np.arange(3), np.arange(2)]


def network() -> nn.Module:
    torch.manual_seed(0)
    return nn.Sequential(
        nn.Conv2d(1, 6, 3), nn.BatchNorm2d(6), nn.ReLU(), nn.Conv2d(6, 4, 3), nn.ReLU(),
        nn.Flatten(), nn.Dropout(0.5), nn.Linear(16, 2),
    ).eval()  # fmt: skip


def images(count: int = 100) -> torch.Tensor:
    return torch.randn(count, 1, 6, 6, generator=torch.Generator().manual_seed(1))


def cut(dense: nn.Module) -> nn.Module:
    return SurgeryPlan.of(dense, (1, 6, 6)).prune(dense, KEPT)


def difference(one: nn.Module, other: nn.Module, shown: torch.Tensor) -> float:
    with torch.no_grad():
        return float((one(shown) - other(shown)).square().mean())


def test_one_step_of_adam_moves_a_weight_by_the_rate() -> None:
    """Adam's first step is the rate in the direction of the gradient's sign, whatever its size.

    The dense layer answers 3 x and the cut one x: for x = 2 the error falls with the weight, which
    rises from 1 to 1.25.
    """
    dense, pruned = nn.Linear(1, 1, bias=False), nn.Linear(1, 1, bias=False)
    nn.init.constant_(dense.weight, 3.0)
    nn.init.constant_(pruned.weight, 1.0)
    Imitation(dense, torch.full((2, 1), 2.0), steps=1, rate=0.25)(pruned, [], EXACT)
    assert pruned.weight.item() == pytest.approx(1.25)


def test_it_comes_nearer_to_the_dense_network_on_images_it_has_not_seen() -> None:
    dense, fresh = network(), images(300)[200:]
    recalibrated, imitating = cut(dense), cut(dense)
    Recalibration(images(200))(recalibrated, KEPT, EXACT)
    Imitation(dense, images(200), steps=50)(imitating, KEPT, EXACT)
    assert difference(imitating, dense, fresh) < 0.5 * difference(recalibrated, dense, fresh)


@pytest.mark.parametrize("count", [2, BATCH + 1, 100])
@pytest.mark.parametrize(
    "execution", [EXACT, Execution(channels_last=True, bfloat16=True)], ids=["exact", "fast"]
)
def test_every_candidate_is_taught_alike(count: int, execution: Execution) -> None:
    dense = network()
    correction = Imitation(dense, images(count))
    first, second = cut(dense), cut(dense)
    correction(first, KEPT, execution)
    torch.manual_seed(5)
    pickle.loads(pickle.dumps(correction))(second, KEPT, execution)
    assert all(map(torch.equal, first.state_dict().values(), second.state_dict().values()))


def test_the_networks_are_left_as_they_are_meant_to_be() -> None:
    dense = network()
    before = {name: value.clone() for name, value in dense.state_dict().items()}
    pruned = cut(dense).requires_grad_(False)  # as a running average of weights is
    with torch.inference_mode():  # as within an evaluation
        Imitation(dense, images())(pruned, KEPT, EXACT)
    assert all(torch.equal(value, before[name]) for name, value in dense.state_dict().items())
    assert not any(module.training for module in [*dense.modules(), *pruned.modules()])
    assert not any(weight.requires_grad for weight in pruned.parameters())
    assert all(weight.grad is None for weight in pruned.parameters())
