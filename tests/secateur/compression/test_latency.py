import torch
from torch import nn

from secateur.compression.latency import relative_latency


def conv(width):
    return nn.Sequential(nn.Conv2d(3, width, 3), nn.BatchNorm2d(width), nn.Conv2d(width, 8, 3))


def test_a_far_smaller_network_is_faster():
    big, small = conv(256), conv(2)
    assert relative_latency(small, big, (3, 32, 32), rounds=5) < 0.7


def test_a_network_against_itself_is_near_one_and_untouched():
    network = conv(64).train()
    before = {name: tensor.clone() for name, tensor in network.state_dict().items()}
    assert 0.4 < relative_latency(network, network, (3, 32, 32), rounds=9) < 2.5
    assert network.training
    assert isinstance(network[1], nn.BatchNorm2d)
    for name, tensor in network.state_dict().items():
        assert torch.equal(tensor, before[name])
