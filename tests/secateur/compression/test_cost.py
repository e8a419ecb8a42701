import numpy as np
import pytest
import torch
from torch import nn
from torch.utils.flop_counter import FlopCounterMode

from secateur.compression.cost import CostModel
from secateur.compression.counter import count
from secateur.compression.graph import trace
from secateur.compression.plan import SurgeryPlan


def published_example():
    return nn.Sequential(
        nn.Conv2d(1, 5, 3),
        nn.Conv2d(5, 5, 3),
        nn.Flatten(),
        nn.Linear(5 * 24 * 24, 128),
        nn.Linear(128, 10),
    )


def test_published_example():
    network, shape = published_example(), (1, 28, 28)
    assert 60_840 + 259_200 + 737_280 + 2_560 == 1_059_880
    assert count(network, shape).flops == 1_059_880
    cost = CostModel.of(network, trace(network, shape), shape)
    assert cost.dense_flops == 1_059_880
    assert cost.group_flops.tolist() == [60_840, 259_200, 737_280]
    assert int(cost.flops((4, 5, 128))) == 60_840 * 4 // 5 + 259_200 * 4 // 5 + 737_280 + 2_560


def test_counter_agrees_with_torch(network_name, build):
    """Torch counts from the operators that run, not from modules."""
    network, shape = build(network_name)
    network.eval()
    with FlopCounterMode(display=False) as mode, torch.no_grad():
        network(torch.zeros(1, *shape))
    assert count(network, shape).flops == mode.get_total_flops()


def test_counter_leaves_the_network_alone(build):
    network, shape = build("resnet18")
    before = network.bn1.running_mean.clone()
    found = count(network, shape)
    assert network.training
    assert torch.equal(network.bn1.running_mean, before)
    assert found.parameters == sum(p.numel() for p in network.parameters())


def test_layers_that_run_twice_count_twice():
    layer = nn.Linear(8, 8)
    network = nn.Sequential(nn.Flatten(), layer, nn.ReLU(), layer)
    assert count(network, (1, 2, 4)).flops == 2 * 2 * 64
    assert count(network, (1, 2, 4)).parameters == 72


def test_closed_form_is_the_count_of_the_pruned_network(network_name, build, random_widths):
    network, shape = build(network_name)
    plan = SurgeryPlan.of(network, shape)
    cost = CostModel.of(network, plan, shape)
    policies = [random_widths(plan.groups, seed) for seed in range(4)]
    flops, parameters = cost.flops(policies), cost.parameters(policies)
    for widths, *expected in zip(policies, flops, parameters, strict=True):
        counted = count(plan.prune(network, plan.kept_first(widths)), shape)
        assert [counted.flops, counted.parameters] == expected
    dense = count(network, shape)
    assert (cost.dense_flops, cost.dense_parameters) == (dense.flops, dense.parameters)


def test_costs_take_any_batch_of_policies(build):
    network, shape = build("lenet")
    plan = SurgeryPlan.of(network, shape)
    cost = CostModel.of(network, plan, shape)
    policies = np.tile(plan.widths, (2, 3, 1))
    assert cost.flops(policies).shape == (2, 3)
    assert cost.flops(policies).dtype == np.int64
    assert cost.flops(plan.widths).shape == ()
    assert (cost.flops(policies) == cost.dense_flops).all()


def test_costs_never_fall_when_a_width_grows(network_name, build, random_widths):
    network, shape = build(network_name)
    plan = SurgeryPlan.of(network, shape)
    cost = CostModel.of(network, plan, shape)
    widths = np.array(random_widths(plan.groups, 0))
    wider = widths + np.eye(len(widths), dtype=np.int64)
    assert (cost.flops(wider) > cost.flops(widths)).all()
    assert (cost.parameters(wider) > cost.parameters(widths)).all()


@pytest.mark.parametrize("name", ["resnet18", "added", "grouped", "efficientnet_b0"])
def test_group_flops_are_those_of_the_layers_that_make_the_channels(name, build):
    network, shape = build(name)
    plan = SurgeryPlan.of(network, shape)
    cost = CostModel.of(network, plan, shape)
    alone = []
    for layer in plan.graph.fixed:
        fixed = dict(network.named_modules())[layer]
        outputs = shape[1] * shape[2] if isinstance(fixed, nn.Conv2d) else 1
        outputs = 36 if name == "added" else outputs  # 8x8 behind a 3x3 without padding
        alone.append(2 * fixed.weight.numel() * outputs)
    assert cost.group_flops.sum() == cost.dense_flops - sum(alone)
    assert (cost.group_flops > 0).all()
