"""The cached plan does to a network what torch-pruning's own surgery does."""

import copy

import pytest
import torch
import torch_pruning as tp

from secateur.compression import importance
from secateur.compression.plan import SurgeryPlan


def torch_pruning_surgery(network, plan, widths, input_shape, criterion):
    """Deep copy, trace and prune by torch-pruning, to the given widths."""
    model = copy.deepcopy(network)
    modules = dict(model.named_modules())
    # It keeps int(width * (1 - ratio)) channels: half a channel more survives the floats.
    ratios = {
        modules[group.name]: 1 - (width + 0.5) / group.width
        for group, width in zip(plan.groups, widths, strict=True)
    }
    pruner = tp.pruner.BasePruner(
        model,
        torch.randn(1, *input_shape),
        criterion,
        pruning_ratio=0.0,
        pruning_ratio_dict=ratios,
        ignored_layers=[modules[name] for name in plan.graph.fixed],
        # Mutable defaults of torch-pruning: what one call adds the next one finds.
        in_channel_groups={},
        out_channel_groups={},
        num_heads={},
        channel_groups={},
    )
    pruner.step()
    return model


def assert_same(found, expected, input_shape):
    images = torch.randn(2, *input_shape)
    ours, theirs = found.state_dict(), expected.state_dict()
    assert list(ours) == list(theirs)
    for name, tensor in ours.items():
        torch.testing.assert_close(tensor, theirs[name], rtol=0, atol=0, msg=name)
    with torch.no_grad():
        assert torch.equal(found.eval()(images), expected.eval()(images))


@pytest.mark.parametrize("seed", [0, 1])
def test_same_channels_and_same_output(comparable_name, seed, build, random_widths):
    network, shape = build(comparable_name)
    plan = SurgeryPlan.of(network, shape)
    widths = random_widths(plan.groups, seed)
    criterion = tp.importance.GroupMagnitudeImportance(p=1, group_reduction="mean")
    expected = torch_pruning_surgery(network, plan, widths, shape, criterion)
    found = plan.prune(network, importance.keep(importance.l1(network, plan), widths))
    assert_same(found, expected, shape)


@pytest.mark.parametrize("name", ["vgg19_bn", "resnet18"])
def test_batch_norm_scale_is_theirs(name, build, random_widths):
    network, shape = build(name)
    plan = SurgeryPlan.of(network, shape)
    widths = random_widths(plan.groups, 0)
    criterion = tp.importance.BNScaleImportance()
    expected = torch_pruning_surgery(network, plan, widths, shape, criterion)
    found = plan.prune(network, importance.keep(importance.bn_scale(network, plan), widths))
    assert_same(found, expected, shape)


def test_theirs_cuts_a_concatenated_input_at_wrong_indices(build):
    network, shape = build("unet")
    plan = SurgeryPlan.of(network, shape)
    widths = tuple(group.width - 1 for group in plan.groups)
    kept = importance.keep(importance.l1(network, plan), widths)
    criterion = tp.importance.GroupMagnitudeImportance(p=1, group_reduction="mean")
    theirs = torch_pruning_surgery(network, plan, widths, shape, criterion)
    lost = sorted(set(range(12)) - set(kept[-1].tolist()))
    ours = plan.prune(network, kept)
    stays = [index for index in range(15) if index - 3 not in lost]
    assert torch.equal(ours.head.weight, network.head.weight[:, stays])
    assert not torch.equal(theirs.head.weight, ours.head.weight)
