"""Every family can be traced, cut to any policy, run and counted."""

import numpy as np
import pytest
import torch
from torch import nn

from secateur.compression import importance
from secateur.compression.cost import CostModel
from secateur.compression.counter import count
from secateur.compression.plan import SurgeryPlan
from secateur.compression.soundness import masked_copy
from secateur.errors import UntraceableNetworkError
from secateur.models import build, families
from secateur.records import Architecture
from tests.secateur.lively import enliven

SHAPE = (3, 32, 32)
# The number of groups is worked out from the networks' structure.
GROUPS = {
    "mlp": 2,  # hidden layers
    "lenet": 4,  # all layers but the last
    "lenet-variant": 3,  # one convolution, two dense layers
    "alexnet": 7,
    "vgg": 8,
    "googlenet": 3 + 9 * 6,  # a module's six convolutions, each on its own
    "inception": 5 + 3 * 7 + 4 + 4 * 10 + 6 + 2 * 9,
    "resnet": 1 + 3 + 2,  # one inside each block, one a stage; the first stage's is the stem's
    "resnet-imagenet": 8 + 4,
    "densenet": 1 + 18 * 2 + 2,  # stem, two a layer, a transition between blocks
    # Stem and two stages, whose blocks add and so share one; five stages and the last layer;
    # the insides of all blocks but the first, which does not widen; a squeeze in each block.
    "efficientnet": 1 + 5 + 1 + 7 + 8,
    "cnn1d": 3,  # one a convolution
}
VARIANTS = [
    ("mlp", {"normalization": "batch"}),
    ("lenet", {"normalization": "batch", "pooling": "average", "activation": "tanh"}),
    ("lenet-variant", {"layout": "unpooled"}),
    ("alexnet", {"normalization": "batch", "pooling": "average"}),
    ("vgg", {"head": "classic", "normalization": "none", "depth": 13}),
    ("googlenet", {"normalization": "none", "pooling": "average"}),
    ("resnet-imagenet", {"depth": 50, "activation": "silu"}),
    ("densenet", {"pooling": "max", "activation": "leaky-relu"}),
    ("cnn1d", {"head": "mean", "normalization": "none", "pooling": "average", "stride": 2}),
]
LAYER_NORMALIZED = ("mlp", "lenet", "alexnet", "vgg", "googlenet", "resnet", "resnet-imagenet")
PRUNABLE = sorted(set(families()) - {"perceptron"})


def network(name, shape=SHAPE, **arguments):
    asked = Architecture(name=name, arguments=arguments, input_shape=shape, classes=10)
    return enliven(build(asked, seed=0)).eval()


def random_policy(plan, seed):
    """Kept channels a group, from one to all of them."""
    generator = np.random.default_rng(seed)
    widths = [int(generator.integers(1, group.width + 1)) for group in plan.groups]
    scores = importance.random(plan, seed)
    return importance.keep(scores, widths)


@torch.no_grad()
def check(dense, shape=SHAPE, *, same=True):
    """Hold two random policies to the masked dense network, and their costs to the counter."""
    plan = SurgeryPlan.of(dense, shape)
    cost = CostModel.of(dense, plan, shape)
    images = torch.randn(2, *shape, generator=torch.Generator().manual_seed(0))
    for seed in range(2):
        kept = random_policy(plan, seed)
        pruned = plan.prune(dense, kept)
        found = pruned(images)
        assert found.shape == (2, 10)
        if same:
            expected = masked_copy(dense, plan.groups, kept).eval()(images)
            scale = float(expected.abs().max())
            torch.testing.assert_close(found, expected, rtol=0, atol=1e-4 * scale)
        counted, widths = count(pruned, shape), [len(channels) for channels in kept]
        assert (counted.flops, counted.parameters) == (cost.flops(widths), cost.parameters(widths))
    return plan


@pytest.mark.parametrize("name", PRUNABLE)
def test_pruned_networks_compute_and_cost_what_they_should(name, small):
    dense = network(name, **small[name])
    plan = check(dense)
    *_, (head, _) = (item for item in dense.named_modules() if isinstance(item[1], nn.Linear))
    assert plan.graph.fixed == (head,)
    assert len(plan.groups) == GROUPS[name]


@pytest.mark.parametrize(("name", "arguments"), VARIANTS, ids=[name for name, _ in VARIANTS])
def test_variants_too(name, arguments, small):
    check(network(name, (1, 28, 28), **small[name] | arguments), (1, 28, 28))


@pytest.mark.parametrize("name", LAYER_NORMALIZED)
def test_layer_norm_sees_fewer_channels_by_design(name, small):
    # A small map is enough: what is cut does not depend on it.
    check(network(name, (1, 8, 8), **small[name], normalization="layer"), (1, 8, 8), same=False)


@pytest.mark.parametrize("name", ["alexnet", "resnet-imagenet", "efficientnet"])
def test_imagenet_stems_too(name, small):
    shape = (3, 64, 70)
    check(network(name, shape, stem="imagenet", **small[name]), shape)


def test_a_perceptron_has_no_channel_to_prune():
    with pytest.raises(UntraceableNetworkError, match="no channel can be cut"):
        SurgeryPlan.of(network("perceptron"), SHAPE)
