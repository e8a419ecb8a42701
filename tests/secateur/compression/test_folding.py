import pytest
import torch
from torch import nn
from torch.nn.modules.batchnorm import _BatchNorm

from secateur.compression.folding import fold, foldable
from secateur.compression.plan import SurgeryPlan
from secateur.compression.rebuild import rebuild


def copied(network):
    return rebuild(network, lambda _module, _name, tensor: tensor.clone())


def test_answers_stay_over_the_whole_zoo(network_name, build):
    network, shape = build(network_name)
    network.eval()
    folded = copied(network)
    fold(folded, foldable(network, shape))
    images = torch.randn(3, *shape)
    with torch.no_grad():
        expected = network(images)
        limit = 1e-5 * float(expected.abs().max())
        torch.testing.assert_close(folded(images), expected, rtol=0, atol=limit)


@pytest.mark.parametrize(
    ("name", "folded", "norms"),
    [("vgg19_bn", 16, 16), ("resnet18", 20, 20), ("mobilenet_v2", 52, 52), ("generator", 2, 2),
     ("googlenet", 57, 57), ("unet", 0, 1), ("lenet", 0, 0)],
)  # fmt: skip
def test_every_norm_right_behind_a_layer_is_folded(name, folded, norms, build):
    network, shape = build(name)
    assert sum(isinstance(module, _BatchNorm) for module in network.modules()) == norms
    assert len(foldable(network, shape)) == folded


def test_pairs_of_the_dense_network_hold_for_what_is_cut_from_it(build, random_widths):
    network, shape = build("resnet18")
    plan = SurgeryPlan.of(network.eval(), shape)
    pruned = plan.prune(network, plan.kept_first(random_widths(plan.groups, 1)))
    folded = copied(pruned)
    fold(folded, foldable(network, shape))
    images = torch.randn(3, *shape)
    with torch.no_grad():
        expected = pruned(images)
        limit = 1e-5 * float(expected.abs().max())
        torch.testing.assert_close(folded(images), expected, rtol=0, atol=limit)


def test_the_numbers_of_one_channel():
    network = nn.Sequential(nn.Conv2d(1, 1, 1), nn.BatchNorm2d(1, eps=0.0)).eval()
    with torch.no_grad():
        network[0].weight.fill_(2.0)
        network[0].bias.fill_(1.0)
        network[1].weight.fill_(6.0)
        network[1].bias.fill_(5.0)
        network[1].running_mean.fill_(3.0)
        network[1].running_var.fill_(4.0)
    assert foldable(network, (1, 2, 2)) == (("0", "1"),)
    fold(network, (("0", "1"),))
    # ((2 x + 1) - 3) / 2 * 6 + 5 = 6 x - 1
    assert network[0].weight.item() == 6.0
    assert network[0].bias.item() == -1.0
    assert isinstance(network[1], nn.Identity)


class Branch(nn.Module):
    """A convolution whose output is also read before its norm."""

    def __init__(self):
        super().__init__()
        self.conv, self.norm = nn.Conv2d(1, 2, 1), nn.BatchNorm2d(2)

    def forward(self, images):
        made = self.conv(images)
        return self.norm(made) + made


class Twice(nn.Module):
    """A convolution that runs twice before one norm."""

    def __init__(self):
        super().__init__()
        self.conv, self.norm = nn.Conv2d(2, 2, 1), nn.BatchNorm2d(2)

    def forward(self, images):
        return self.norm(self.conv(self.conv(images)))


class Ends(nn.Module):
    """A convolution whose output is an answer of the network too."""

    def __init__(self):
        super().__init__()
        self.conv, self.norm = nn.Conv2d(2, 2, 1), nn.BatchNorm2d(2)

    def forward(self, images):
        made = self.conv(images)
        return {"features": made, "answers": [self.norm(made)]}


@pytest.mark.parametrize(
    ("network", "channels"),
    [(Branch(), 1), (Twice(), 2), (Ends(), 2),
     (nn.Sequential(nn.BatchNorm2d(2), nn.Conv2d(2, 2, 1)), 2),
     (nn.Sequential(nn.Conv2d(2, 2, 1), nn.BatchNorm2d(2, track_running_stats=False)), 2),
     (nn.Sequential(nn.Conv2d(2, 2, 1), nn.ReLU(), nn.BatchNorm2d(2)), 2)],
)  # fmt: skip
def test_what_cannot_be_folded_is_left(network, channels):
    assert foldable(network, (channels, 3, 3)) == ()
