import math

import pytest
import torch
from torch import nn

from secateur.compression import probe
from secateur.compression.execution import EXACT, Execution

IMAGES = torch.randn(8, 2, 4, 4, generator=torch.Generator().manual_seed(0))


@pytest.fixture
def network():
    return nn.Sequential(nn.Conv2d(2, 3, 3), nn.ReLU(), nn.Flatten(), nn.Linear(12, 5)).eval()


def test_the_change_is_relative_to_the_spread():
    reference = torch.tensor([[0.0, 2.0], [4.0, 6.0]])  # deviation sqrt(20 / 3)
    assert probe.change(reference + 1, reference) == pytest.approx(math.sqrt(3 / 20))
    assert probe.change(reference, reference) == 0
    assert probe.change(reference * torch.nan, reference) == math.inf


def test_a_way_that_changes_answers_is_refused(network, monkeypatch):
    monkeypatch.setattr(probe, "TOLERANCE", -1.0)
    assert probe.fastest(network, IMAGES) == EXACT


def test_a_way_that_is_not_clearly_faster_is_refused(network, monkeypatch):
    monkeypatch.setattr(probe, "GAIN", math.inf)
    assert probe.fastest(network, IMAGES) == EXACT


def test_the_fastest_of_those_that_agree_is_chosen(network, monkeypatch):
    monkeypatch.setattr(probe, "GAIN", 0.0)  # every way passes for faster
    assert probe.fastest(network, IMAGES) == probe.WAYS[-1]


def test_the_network_stays_as_it_was(network):
    before = {name: tensor.clone() for name, tensor in network.state_dict().items()}
    probe.fastest(network, IMAGES)
    for name, tensor in network.state_dict().items():
        assert torch.equal(tensor, before[name])
        assert tensor.is_contiguous()


def test_batches_differ_by_one_image_at_most_and_hold_all():
    parts = Execution(channels_last=True, batch=3).batches(IMAGES)
    assert [len(part) for part in parts] == [3, 3, 2]
    assert torch.equal(torch.cat(parts), IMAGES)
    assert all(part.is_contiguous(memory_format=torch.channels_last) for part in parts)


@pytest.mark.parametrize("way", probe.WAYS)
def test_every_way_answers_alike(way, network):
    with torch.no_grad():
        expected = network(IMAGES)
    (images,) = way.batches(IMAGES)
    placed = way.place(network)
    with way.running(torch.device("cpu")):
        found = placed(images).float()
    assert probe.change(found, expected) < probe.TOLERANCE
    assert not found.requires_grad
