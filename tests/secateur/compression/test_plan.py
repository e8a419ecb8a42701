import pickle

import numpy as np
import pytest
import torch
from torch import nn

from secateur.compression import importance
from secateur.compression.plan import SurgeryPlan
from secateur.compression.soundness import masked_copy
from secateur.errors import PolicyError


def drawn(groups, seed):
    """A random choice of channels a group, at least one."""
    generator = np.random.default_rng(seed)
    return [
        np.sort(generator.permutation(group.width)[: generator.integers(1, group.width + 1)])
        for group in groups
    ]


@torch.no_grad()
def test_pruned_computes_what_the_masked_dense_network_does(network_name, build):
    network, shape = build(network_name)
    plan = SurgeryPlan.of(network, shape)
    images = torch.randn(2, *shape)
    for seed in range(2):
        kept = drawn(plan.groups, seed)
        expected = masked_copy(network, plan.groups, kept).eval()(images)
        found = plan.prune(network, kept).eval()(images)
        if network_name == "mlp":  # its layer norm sees fewer features, by design
            assert found.shape == expected.shape
        else:
            scale = float(expected.abs().max())
            torch.testing.assert_close(found, expected, rtol=0, atol=1e-4 * scale)


def test_dense_widths_change_nothing(network_name, build):
    network, shape = build(network_name)
    plan = SurgeryPlan.of(network, shape)
    copy = plan.prune(network, plan.kept_first(plan.widths))
    for name, tensor in network.state_dict().items():
        assert torch.equal(copy.state_dict()[name], tensor)
        assert copy.state_dict()[name].data_ptr() != tensor.data_ptr()


def test_a_policy_rebuilds_from_its_widths(network_name, build, random_widths):
    network, shape = build(network_name)
    plan = SurgeryPlan.of(network, shape)
    widths = random_widths(plan.groups, 3)
    pruned = plan.prune(network, importance.keep(importance.l1(network, plan), widths))
    fresh, _ = build(network_name)
    rebuilt = plan.prune(fresh, plan.kept_first(widths))
    rebuilt.load_state_dict(pruned.state_dict())
    images = torch.randn(2, *shape)
    with torch.no_grad():
        assert torch.equal(rebuilt.eval()(images), pruned.eval()(images))


def test_the_original_is_untouched_also_by_training_the_copy(build, random_widths):
    network, shape = build("resnet18")
    plan = SurgeryPlan.of(network, shape)
    before = {name: tensor.clone() for name, tensor in network.state_dict().items()}
    widths = (*plan.widths[:-1], 3)  # most tensors stay whole and could be shared
    pruned = plan.prune(network, plan.kept_first(widths))
    optimizer = torch.optim.SGD(pruned.parameters(), lr=1.0)
    pruned(torch.randn(4, *shape)).sum().backward()
    optimizer.step()
    for name, tensor in network.state_dict().items():
        assert torch.equal(tensor, before[name]), name
    assert network.layer4[1].conv2.out_channels == 512


def test_modes_gradients_and_attributes(build):
    network, shape = build("mobilenet_v2")
    network.requires_grad_(False)
    network.eval()
    network.features[3].train()
    plan = SurgeryPlan.of(network, shape)
    pruned = plan.prune(network, [np.arange(1)] * len(plan.groups))
    modes = [module.training for module in network.modules()]
    assert [module.training for module in pruned.modules()] == modes
    assert all(p.requires_grad and p.is_leaf for p in pruned.parameters())
    block = pruned.features[3].conv
    depthwise, norm = block[1][0], block[1][1]
    assert depthwise.weight.shape == (1, 1, 3, 3)
    assert depthwise.in_channels == depthwise.out_channels == depthwise.groups == 1
    assert norm.num_features == len(norm.running_mean) == len(norm.weight) == 1
    assert pruned.classifier[1].in_features == 1
    assert pruned.classifier[1].out_features == 10


def test_attributes_of_dense_layers_and_norms(build):
    network, shape = build("mlp")
    plan = SurgeryPlan.of(network, shape)
    pruned = plan.prune(network, plan.kept_first((5, 3)))
    _, first, norm, _, _, second, slope, head = pruned
    assert (first.in_features, first.out_features, second.in_features) == (64, 5, 5)
    assert norm.normalized_shape == (5,)
    assert slope.num_parameters == len(slope.weight) == head.in_features == 3


class GroupedUp(nn.Sequential):
    """A grouped transposed convolution, on which torch-pruning raises IndexError."""

    def __init__(self):
        super().__init__(
            nn.ConvTranspose2d(4, 8, 2),
            nn.ReLU(),
            nn.ConvTranspose2d(8, 12, 2, groups=2),
            nn.InstanceNorm2d(12, affine=True, track_running_stats=True),
            nn.Conv2d(12, 3, 1),
        )


def test_grouped_transposed_convolutions():
    network, shape = GroupedUp().eval(), (4, 3, 3)
    plan = SurgeryPlan.of(network, shape)
    assert plan.widths == (4, 6)
    kept = (np.array([1, 3]), np.array([0, 2, 5]))
    images = torch.randn(2, *shape)
    pruned = plan.prune(network, kept)
    expected = masked_copy(network, plan.groups, kept)(images)
    torch.testing.assert_close(pruned(images), expected)
    up = pruned[2]
    assert (up.in_channels, up.out_channels, up.groups) == (4, 6, 2)
    assert len(importance.l1(network, plan)[1]) == 6


@pytest.mark.parametrize(
    ("widths", "reason"),
    [
        ((6, 16, 120), "3 entries for 4 prunable groups"),
        ((6, 17, 120, 84), r"3: width 17 is not in \[1, 16\]"),
        ((0, 16, 120, 84), r"0: width 0 is not in \[1, 6\]"),
    ],
)
def test_widths_that_do_not_fit_are_refused(widths, reason, build):
    plan = SurgeryPlan.of(*build("lenet"))
    with pytest.raises(PolicyError, match=reason):
        plan.kept_first(widths)


@pytest.mark.parametrize(
    ("first", "reason"),
    [([], "0: kept"), ([1, 1], "0: kept"), ([2, 1], "0: kept"), ([-1, 2], "0: kept"), ([6], "6")],
)
def test_channels_that_do_not_fit_are_refused(first, reason, build):
    network, shape = build("lenet")
    plan = SurgeryPlan.of(network, shape)
    _, *others = plan.kept_first(plan.widths)
    with pytest.raises(PolicyError, match=reason):
        plan.prune(network, [np.array(first, dtype=np.int64), *others])


def test_another_network_is_refused(build):
    network, shape = build("lenet")
    plan = SurgeryPlan.of(network, shape)
    kept = plan.kept_first((3, 8, 60, 42))
    pruned = plan.prune(network, kept)
    with pytest.raises(PolicyError, match="0: the network has not the 6 channels"):
        plan.prune(pruned, kept)
    with pytest.raises(PolicyError, match="0: the network has not"):
        plan.prune(build("unet")[0], kept)


def test_a_pickled_plan_prunes_alike(build, random_widths):
    network, shape = build("googlenet")
    plan = SurgeryPlan.of(network, shape)
    kept = plan.kept_first(random_widths(plan.groups, 0))
    expected = plan.prune(network, kept).state_dict()
    found = pickle.loads(pickle.dumps(plan)).prune(network, kept).state_dict()
    assert list(found) == list(expected)
    assert all(torch.equal(found[name], expected[name]) for name in expected)
