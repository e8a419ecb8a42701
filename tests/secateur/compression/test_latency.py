import pytest
import torch
from torch import nn

from secateur.compression import latency
from secateur.compression.latency import relative_latency


class Slow(nn.Module):
    """Takes so many seconds of a clock for its answers, one after the other."""

    now = 0.0

    def __init__(self, *seconds):
        super().__init__()
        self.seconds = list(seconds)

    def forward(self, images):
        Slow.now += self.seconds.pop(0)
        return images


@pytest.fixture
def clock(monkeypatch):
    monkeypatch.setattr(Slow, "now", 0.0)
    monkeypatch.setattr(latency, "perf_counter", lambda: Slow.now)


@pytest.mark.usefixtures("clock")
def test_the_median_of_the_rounds_counts_and_the_first_answer_does_not():
    network = nn.Sequential(nn.Conv2d(1, 2, 3), Slow(9, 1, 3, 8))
    reference = nn.Sequential(nn.Conv2d(1, 2, 3), Slow(1, 2, 4, 4))
    # 1 / 2, 3 / 4 and 8 / 4.
    assert relative_latency(network, reference, (1, 4, 4), rounds=3) == 3 / 4


def test_networks_are_untouched():
    network = nn.Sequential(nn.Conv2d(3, 8, 3), nn.BatchNorm2d(8), nn.Conv2d(8, 8, 3)).train()
    before = {name: tensor.clone() for name, tensor in network.state_dict().items()}
    assert relative_latency(network, network, (3, 32, 32), rounds=1) > 0
    assert network.training
    assert isinstance(network[1], nn.BatchNorm2d)
    for name, tensor in network.state_dict().items():
        assert torch.equal(tensor, before[name])
