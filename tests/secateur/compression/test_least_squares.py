import numpy as np
import pytest
import torch
from torch import nn

from secateur.compression.execution import EXACT
from secateur.compression.least_squares import LeastSquares, factors, fit, samples
from secateur.compression.plan import SurgeryPlan
from secateur.compression.recovery import recalibrate

TINY = 1e-6


def test_an_exact_relation_is_found():
    inputs, weights = torch.randn(50, 3), torch.tensor([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]])
    found = fit(inputs, inputs @ weights, torch.zeros(3, 2), TINY)
    torch.testing.assert_close(found, weights, rtol=0, atol=1e-4)


def test_the_pull_is_towards_the_weights_as_they_were():
    # One column of mean square 4 · 1/4 = 1 summed: gram 4, pull 0.5 · 4 = 2, and
    # (4 w - 4 · 3) + 2 (w - 0) = 0 gives w = 2.
    found = fit(torch.ones(4, 1), torch.full((4, 1), 3.0), torch.zeros(1, 1), 0.5)
    torch.testing.assert_close(found, torch.tensor([[2.0]]))


def test_fewer_samples_than_inputs():
    # One sample (1, 1): the change is along it, x (x·x + r)⁻¹ (y - x·w0) with r = 0.5 · 2 / 2, so
    # (1, 1) · (7 - 1) / 2.5.
    found = fit(torch.ones(1, 2), torch.tensor([[7.0]]), torch.tensor([[1.0], [0.0]]), 0.5)
    torch.testing.assert_close(found, torch.tensor([[3.4], [2.4]]))


@pytest.mark.parametrize(("samples", "features"), [(9, 4), (4, 9), (6, 6)])
def test_the_minimum_is_found_whichever_there_are_more_of(samples, features):
    inputs, outputs = torch.randn(samples, features).double(), torch.randn(samples, 3).double()
    before = torch.randn(features, 3).double()
    found = fit(inputs, outputs, before, 0.1)
    # |Y - X W|² + r |W - W0|² as one sum of squares, of rows of X and of √r times the identity.
    root = (0.1 * inputs.square().sum() / features).sqrt()
    rows = torch.cat([inputs, root * torch.eye(features).double()])
    wanted = torch.cat([outputs, root * before])
    torch.testing.assert_close(found, torch.linalg.lstsq(rows, wanted).solution)


@pytest.mark.parametrize("features", [3, 9])
def test_inputs_that_are_all_zero_keep_the_weights(features):
    """As behind a layer of which nothing is left alive, whatever the dense one answered."""
    before = torch.randn(features, 2)
    found = fit(torch.zeros(4, features), torch.full((4, 2), 13.0), before, 1e-4)
    torch.testing.assert_close(found, before)


def test_a_column_of_zeros_keeps_its_weights():
    inputs = torch.tensor([[1.0, 0.0], [2.0, 0.0]])
    found = fit(inputs, inputs[:, :1], torch.tensor([[0.0], [7.0]]), TINY)
    torch.testing.assert_close(found, torch.tensor([[1.0], [7.0]]))


@pytest.mark.parametrize(
    "layer",
    [nn.Conv2d(3, 4, 3, stride=2, padding=1), nn.Conv2d(3, 4, (1, 3), padding=(0, 1)),
     nn.Conv2d(3, 4, 5, bias=False), nn.ConvTranspose2d(3, 4, 4, 2, 1),
     nn.ConvTranspose2d(3, 4, (3, 2), (2, 1), (0, 1), (1, 0), bias=False)],
)  # fmt: skip
def test_samples_times_weights_are_the_layers_answers(layer):
    images = torch.randn(2, 3, 7, 9)
    with torch.no_grad():
        expected = layer(images)
        positions = torch.arange(expected[0, 0].numel())[1::2]
        found = samples(layer, images, positions) @ factors(layer).flatten(1).T
        found += 0 if layer.bias is None else layer.bias
    rows = expected.flatten(2)[:, :, positions].transpose(1, 2).reshape(-1, 4)
    torch.testing.assert_close(found, rows)


def doubled() -> nn.Module:
    """Channels 2 and 3 of the first convolution are copies of channels 0 and 1."""
    torch.manual_seed(0)
    network = nn.Sequential(
        nn.Conv2d(1, 4, 3), nn.ReLU(), nn.Conv2d(4, 3, 3), nn.ReLU(), nn.Flatten(),
        nn.Linear(12, 2),
    )  # fmt: skip
    with torch.no_grad():
        network[0].weight[2:] = network[0].weight[:2]
        network[0].bias[2:] = network[0].bias[:2]
    return network.eval()


def test_what_copies_did_goes_to_the_originals():
    network = doubled()
    plan = SurgeryPlan.of(network, (1, 6, 6))
    kept = [np.arange(2), np.arange(3)]
    pruned, images = plan.prune(network, kept), torch.randn(200, 1, 6, 6)
    LeastSquares(network, plan, images, TINY)(pruned, kept, EXACT)
    expected = network[2].weight[:, :2] + network[2].weight[:, 2:]
    torch.testing.assert_close(pruned[2].weight, expected, rtol=0, atol=1e-3)
    torch.testing.assert_close(pruned[2].bias, network[2].bias, rtol=0, atol=1e-3)
    with torch.no_grad():
        torch.testing.assert_close(pruned(images), network(images), rtol=0, atol=1e-3)


def test_what_copies_did_in_a_generator_goes_to_the_originals():
    # Channels 2 and 3 of the stem are copies of 0 and 1: the transposed convolution behind
    # them answers as before when the originals take over their weights.
    torch.manual_seed(0)
    network = nn.Sequential(
        nn.ConvTranspose2d(5, 4, 3), nn.BatchNorm2d(4), nn.ReLU(), nn.ConvTranspose2d(4, 1, 4, 2, 1)
    ).eval()
    with torch.no_grad():
        network[0].weight[:, 2:] = network[0].weight[:, :2]
        network[0].bias[2:] = network[0].bias[:2]
    noise = torch.randn(400, 5, 1, 1)
    recalibrate(network, [noise])
    plan = SurgeryPlan.of(network, (5, 1, 1))
    kept = [np.arange(2)]
    pruned = plan.prune(network, kept)
    LeastSquares(network, plan, noise, TINY)(pruned, kept, EXACT)
    expected = network[3].weight[:2] + network[3].weight[2:]
    torch.testing.assert_close(pruned[3].weight, expected, rtol=0, atol=1e-3)
    with torch.no_grad():
        torch.testing.assert_close(pruned(noise), network(noise), rtol=0, atol=1e-3)


def test_answers_come_nearer_where_no_solution_is_exact(build):
    network, shape = build("resnet18")
    network.eval()
    plan = SurgeryPlan.of(network, shape)
    images = torch.randn(32, *shape)
    recalibrate(network, [images])  # as training would leave it
    kept = plan.kept_first([width * 3 // 4 for width in plan.widths])
    with torch.no_grad():
        expected = network(images)
        cut, corrected = plan.prune(network, kept), plan.prune(network, kept)
        recalibrate(cut, [images])
        LeastSquares(network, plan, images)(corrected, kept, EXACT)
        before, after = ((one(images) - expected).square().mean() for one in (cut, corrected))
    assert after < before / 4
    assert not corrected.training
    assert all(parameter.requires_grad for parameter in corrected.parameters())
    assert not any(module._forward_pre_hooks for module in corrected.modules())


def test_activations_in_place_change_nothing():
    def corrected(*, inplace: bool) -> list[torch.Tensor]:
        torch.manual_seed(0)
        network = nn.Sequential(
            nn.Flatten(), nn.Linear(16, 8), nn.ReLU(inplace), nn.Linear(8, 6), nn.ReLU(inplace),
            nn.Linear(6, 2),
        ).eval()  # fmt: skip
        plan = SurgeryPlan.of(network, (1, 4, 4))
        kept = plan.kept_first([5, 4])
        pruned = plan.prune(network, kept)
        LeastSquares(network, plan, torch.randn(50, 1, 4, 4))(pruned, kept, EXACT)
        return list(pruned.parameters())

    torch.testing.assert_close(corrected(inplace=True), corrected(inplace=False))


def test_a_layer_of_its_own_kind_keeps_its_weights():
    network = nn.Sequential(
        nn.Conv2d(2, 8, 1), nn.Conv2d(8, 8, 3, groups=8), nn.Conv2d(8, 4, 3, dilation=2)
    ).eval()
    plan = SurgeryPlan.of(network, (2, 9, 9))
    kept = [np.arange(4)]
    pruned = plan.prune(network, kept)
    before = [pruned[1].weight.clone(), pruned[2].weight.clone()]
    LeastSquares(network, plan, torch.randn(8, 2, 9, 9))(pruned, kept, EXACT)
    assert torch.equal(pruned[1].weight, before[0])
    assert torch.equal(pruned[2].weight, before[1])
