"""In the published configurations our networks are torchvision's, tensor by tensor."""

import pytest
import torch
import torchvision
from torch import nn

from secateur.models import build
from secateur.records import Architecture

META = torch.device("meta")
# Family and arguments, torchvision's constructor and arguments, number of parameters.
TWINS = [
    ("alexnet", {}, "alexnet", {}, 61_100_840),
    ("vgg", {"depth": 11, "normalization": "none"}, "vgg11", {}, 132_863_336),
    ("vgg", {"depth": 11}, "vgg11_bn", {}, 132_868_840),
    ("vgg", {"depth": 13}, "vgg13_bn", {}, 133_053_736),
    ("vgg", {"depth": 16}, "vgg16_bn", {}, 138_365_992),
    ("vgg", {"depth": 19}, "vgg19_bn", {}, 143_678_248),
    ("googlenet", {}, "googlenet", {"aux_logits": False, "init_weights": False}, 6_624_904),
    (
        "inception",
        {"version": 3},
        "inception_v3",
        {"aux_logits": False, "init_weights": False},
        23_834_568,
    ),
    ("resnet-imagenet", {"depth": 18}, "resnet18", {}, 11_689_512),
    ("resnet-imagenet", {"depth": 34}, "resnet34", {}, 21_797_672),
    ("resnet-imagenet", {"depth": 50}, "resnet50", {}, 25_557_032),
    ("densenet", {}, "densenet121", {}, 7_978_856),
    ("densenet", {"depth": 169}, "densenet169", {}, 14_149_480),
    ("densenet", {"depth": 201}, "densenet201", {}, 20_013_928),
    ("efficientnet", {}, "efficientnet_b0", {}, 5_288_548),
    ("efficientnet", {"depth": 1.2, "width": 1.1}, "efficientnet_b2", {}, 9_109_994),
]
IDS = [row[2] for row in TWINS]
# VGGs and AlexNet without their hundred million dense weights, and the small ones whole.
SIDES = {
    "alexnet": 63,
    "vgg11": 32,
    "vgg11_bn": 33,
    "googlenet": 49,
    "inception_v3": 75,
    "resnet18": 33,
    "resnet50": 32,
    "densenet121": 45,
    "efficientnet_b0": 41,
}


def ours(family, arguments, side=224):
    shape = (3, side, side)
    stem = {"head": "classic"} if family == "vgg" else {"stem": "imagenet"}
    asked = Architecture(name=family, arguments=arguments | stem, input_shape=shape, classes=1000)
    with META:
        return build(asked)


def theirs(name, arguments):
    with META:
        return getattr(torchvision.models, name)(**arguments)


def lively(network):
    """Weights on the CPU that let no wrong layer hide."""
    network.to_empty(device="cpu")
    generator = torch.Generator().manual_seed(0)
    for name, tensor in network.state_dict().items():
        if name.endswith("num_batches_tracked"):
            tensor.zero_()
        elif tensor.dim() > 1:
            tensor.normal_(std=(2 / tensor[0].numel()) ** 0.5, generator=generator)
        elif name.endswith(("running_var", "weight")):
            tensor.uniform_(0.5, 1.5, generator=generator)
        else:
            tensor.normal_(std=0.1, generator=generator)
    return network.eval()


@pytest.mark.parametrize(("family", "arguments", "name", "options", "count"), TWINS, ids=IDS)
def test_names_order_and_shapes_are_theirs(family, arguments, name, options, count):
    network, twin = ours(family, arguments), theirs(name, options)
    found = [(key, value.shape) for key, value in network.state_dict().items()]
    assert found == [(key, value.shape) for key, value in twin.state_dict().items()]
    assert sum(parameter.numel() for parameter in network.parameters()) == count


@torch.no_grad()
@pytest.mark.parametrize(
    ("family", "arguments", "name", "options"),
    [row[:4] for row in TWINS if row[2] in SIDES],
    ids=[name for name in IDS if name in SIDES],
)
def test_the_same_weights_answer_the_same(family, arguments, name, options):
    network, twin = ours(family, arguments, SIDES[name]), theirs(name, options)
    if family in {"alexnet", "vgg"}:
        network, twin = network.features, twin.features
    lively(network)
    twin.to_empty(device="cpu").load_state_dict(network.state_dict())
    images = torch.randn(2, 3, SIDES[name], SIDES[name] + 7)
    expected = twin.eval()(images)
    scale = float(expected.abs().max())
    torch.testing.assert_close(network(images), expected, rtol=0, atol=1e-5 * scale)


def test_the_dense_layers_of_both_heads_are_in_the_same_places():
    for family, name in (("alexnet", "alexnet"), ("vgg", "vgg16_bn")):
        network, twin = ours(family, {}).classifier, theirs(name, {}).classifier
        assert [type(layer) for layer in network] == [type(layer) for layer in twin]
        assert [layer.p for layer in network if isinstance(layer, nn.Dropout)] == [0.5, 0.5]


def test_inception_v2_has_3x3_kernels_where_v3_has_5x5():
    # Three modules, 48 to 64 channels, 25 - 9 weights a kernel: 3·48·64·16 = 147,456 fewer.
    network = ours("inception", {"version": 2})
    assert sum(parameter.numel() for parameter in network.parameters()) == 23_834_568 - 147_456
    sides = {layer.kernel_size for layer in network.modules() if isinstance(layer, nn.Conv2d)}
    assert sides == {(1, 1), (3, 3), (1, 7), (7, 1), (1, 3), (3, 1)}
