import pickle

import numpy as np
import pytest
import torch
import torchvision
from torch import nn

from secateur.compression.graph import trace
from secateur.errors import UntraceableNetworkError


def shapes(graph):
    return [(group.name, group.width, group.kind) for group in graph.groups]


def member(group, module, side):
    (found,) = [m for m in group.members if (m.module, m.side) == (module, side)]
    return found


def test_flatten_maps_one_channel_to_its_positions(build):
    graph = trace(*build("lenet"))
    assert shapes(graph) == [
        ("0", 6, "convolution"),
        ("3", 16, "convolution"),
        ("6", 120, "dense"),
        ("8", 84, "dense"),
    ]
    assert graph.fixed == ("10",)
    reads = member(graph.groups[1], "6", "in")
    assert reads.size == 16 * 64
    assert reads.channels.tolist() == [channel for channel in range(16) for _ in range(64)]
    assert reads.indices.tolist() == list(range(16 * 64))


def test_facts_of_the_root(build):
    graph = trace(*build("lenet"))
    conv, dense = graph.groups[1], graph.groups[2]
    assert (conv.in_channels, conv.out_channels, conv.kernel, conv.stride) == (6, 16, 25, 1)
    assert (conv.output_height, conv.output_width) == (8, 8)
    assert (dense.in_channels, dense.out_channels, dense.kernel, dense.stride) == (1024, 120, 1, 1)
    assert (dense.output_height, dense.output_width) == (1, 1)


def test_a_group_norm_needs_two_channels():
    norms = nn.GroupNorm(1, 6), nn.BatchNorm1d(6)
    for norm, least in zip(norms, (2, 1), strict=True):
        network = nn.Sequential(nn.Flatten(), nn.Linear(4, 6), norm, nn.ReLU(), nn.Linear(6, 2))
        (found,) = trace(network, (1, 2, 2)).groups
        assert found.least == least


def test_concatenation_shifts_indices_also_behind_the_input(build):
    graph = trace(*build("unet"))
    assert shapes(graph) == [
        ("down", 16, "convolution"),
        ("bottom", 24, "convolution"),
        ("up", 12, "convolution"),
    ]
    down, bottom, up = graph.groups
    assert member(down, "norm", "out").indices.tolist() == list(range(24, 40))
    assert member(bottom, "up", "in").indices.tolist() == list(range(24))
    assert member(up, "head", "in").indices.tolist() == list(range(3, 15))


def test_residual_stages_share_a_group():
    graph = trace(torchvision.models.resnet34(), (3, 32, 32))
    assert len(graph.groups) == 20
    assert graph.groups[0].name == "conv1"
    assert {m.module for m in graph.groups[0].members if m.side == "out"} >= {
        "layer1.0.conv2",
        "layer1.2.conv2",
        "layer1.2.bn2",
    }
    assert graph.fixed == ("fc",)


def test_grouped_convolutions_bind_channels(build):
    graph = trace(*build("grouped"))
    first, second, third = graph.groups
    assert (first.width, first.out_channels) == (4, 16)
    assert (second.width, second.out_channels) == (8, 32)
    assert (third.width, third.out_channels) == (8, 8)
    assert member(first, "0", "out").channels.tolist() == [0, 1, 2, 3] * 4
    assert member(second, "4", "out").size == 32  # depthwise: its input goes along


def test_groups_with_several_widths_are_taken_apart(build):
    graph = trace(*build("added"))
    assert shapes(graph) == [("left", 12, "convolution"), ("right", 8, "convolution")]
    assert member(graph.groups[1], "wide", "out").indices.tolist() == list(range(12, 20))
    assert graph.fixed == ("head",)


class Residual(nn.Module):
    """Adds features to the input and returns an inner layer too."""

    def __init__(self):
        super().__init__()
        self.free = nn.Conv2d(3, 8, 3, padding=1)
        self.bound = nn.Conv2d(8, 3, 3, padding=1)
        self.shown = nn.Conv2d(3, 6, 1)
        self.head = nn.Conv2d(6, 2, 1)

    def forward(self, images):
        shown = self.shown(images + self.bound(self.free(images).relu()))
        return {"head": self.head(shown.relu()), "shown": shown}


def test_what_meets_the_input_or_an_output_is_fixed():
    graph = trace(Residual(), (3, 8, 8))
    assert shapes(graph) == [("free", 8, "convolution")]
    assert graph.fixed == ("bound", "shown", "head")


class DenseStem(nn.Module):
    def __init__(self):
        super().__init__()
        self.stem = nn.Linear(20, 64)
        self.up = nn.ConvTranspose2d(4, 8, 4, 2, 1)
        self.head = nn.ConvTranspose2d(8, 1, 4, 2, 1)

    def forward(self, noise):
        return self.head(self.up(self.stem(noise.flatten(1)).view(-1, 4, 4, 4)).relu())


def test_features_viewed_as_channels_are_fixed():
    graph = trace(DenseStem(), (20, 1, 1))
    assert shapes(graph) == [("up", 8, "convolution")]
    assert graph.fixed == ("stem", "head")


def test_the_network_is_left_as_it_was(build):
    network, shape = build("resnet18")
    network.layer1.eval()
    network.requires_grad_(False)
    modes = [module.training for module in network.modules()]
    before = {name: tensor.clone() for name, tensor in network.state_dict().items()}
    state = torch.get_rng_state()
    with torch.inference_mode():
        frozen = trace(network, shape)
    assert torch.equal(torch.get_rng_state(), state)
    assert [module.training for module in network.modules()] == modes
    assert not any(p.requires_grad or p.grad is not None for p in network.parameters())
    assert all(torch.equal(tensor, before[name]) for name, tensor in network.state_dict().items())
    network.requires_grad_()
    assert shapes(trace(network, shape)) == shapes(frozen)


def test_tracing_twice_gives_the_same(build):
    network, shape = build("grouped")
    assert shapes(trace(network, shape)) == shapes(trace(network, shape))


def test_pickling_round_trip(build):
    graph = trace(*build("unet"))
    again = pickle.loads(pickle.dumps(graph))
    assert b"torch" not in pickle.dumps(graph)
    assert (shapes(again), again.fixed, again.input_shape) == (
        shapes(graph),
        graph.fixed,
        graph.input_shape,
    )
    for group, copy in zip(graph.groups, again.groups, strict=True):
        for ours, theirs in zip(group.members, copy.members, strict=True):
            assert (ours.module, ours.side, ours.size) == (theirs.module, theirs.side, theirs.size)
            assert np.array_equal(ours.channels, theirs.channels)
            assert np.array_equal(ours.indices, theirs.indices)


def tied():
    network = nn.Sequential(nn.Linear(4, 4), nn.ReLU(), nn.Linear(4, 4))
    network[2].weight = network[0].weight
    return nn.Sequential(nn.Flatten(), *network)


def reparametrised():
    layer = nn.utils.parametrizations.weight_norm(nn.Linear(4, 8))
    return nn.Sequential(nn.Flatten(), layer, nn.Linear(8, 2))


@pytest.mark.parametrize(
    ("network", "shape", "reason"),
    [
        (torchvision.models.googlenet(init_weights=False), (3, 64, 64), "aux_logits=False"),
        (torchvision.models.shufflenet_v2_x0_5(), (3, 64, 64), "cannot be followed"),
        (nn.Sequential(nn.Flatten(), nn.Linear(4, 2)), (1, 2, 2), "no channel can be cut"),
        (nn.Sequential(nn.Flatten(), nn.Linear(4, 2)), (1, 3, 3), "cannot be multiplied"),
        (tied(), (1, 2, 2), "1.weight and 3.weight are one shared tensor"),
        (reparametrised(), (1, 2, 2), "weight of 1 is reparametrised"),
    ],
    ids=["idle layers", "shuffled", "head alone", "shape", "tied", "reparametrised"],
)
def test_untraceable_networks_are_refused_in_one_line(network, shape, reason):
    with pytest.raises(UntraceableNetworkError, match=reason) as caught:
        trace(network, shape)
    assert "\n" not in str(caught.value)
