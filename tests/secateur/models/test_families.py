import pytest
import torch
from torch import nn

from secateur.models import build
from secateur.records import Architecture


def network(name, shape, classes=10, **arguments):
    return build(
        Architecture(name=name, arguments=arguments, input_shape=shape, classes=classes), seed=0
    )


def parameters(module):
    return sum(parameter.numel() for parameter in module.parameters())


def convolutions(module):
    return [layer for layer in module.modules() if isinstance(layer, nn.Conv2d)]


def test_lenet_has_the_published_size():
    # conv1   5·5·1·6 + 6       =    156
    # conv2   5·5·6·16 + 16     =  2,416
    # dense1  5·5·16·120 + 120  = 48,120
    # dense2  120·84 + 84       = 10,164
    # output  84·10 + 10        =    850      sum 61,706
    assert parameters(network("lenet", (1, 28, 28))) == 61_706


def test_lenet_width_multiplies_channels_and_units():
    # 12 and 32 channels, 240 and 168 units, on 28x28:
    # 25·12 + 12 = 312; 25·12·32 + 32 = 9,632; 800·240 + 240 = 192,240;
    # 240·168 + 168 = 40,488; 168·10 + 10 = 1,690; sum 244,362
    assert parameters(network("lenet", (1, 28, 28), width=2.0)) == 244_362


@pytest.mark.parametrize(
    ("shape", "padding", "features"),
    [
        ((1, 28, 28), (0, 0), 16 * 5 * 5),  # 14 - 4 = 10, halved
        ((3, 32, 32), (0, 0), 16 * 6 * 6),  # 16 - 4 = 12, halved
        ((1, 12, 12), (0, 0), 16 * 1 * 1),  # 6 - 4 = 2, halved: the smallest without padding
        ((1, 11, 11), (2, 2), 16 * 2 * 2),  # 5, padded to stay 5, halved and rounded down
        ((1, 8, 8), (2, 2), 16 * 2 * 2),  # 4, padded to stay 4, halved
        ((1, 8, 28), (2, 0), 16 * 2 * 5),  # each side on its own
    ],
)
def test_lenet_pads_its_second_convolution_only_where_it_must(shape, padding, features):
    lenet = network("lenet", shape)
    assert lenet.conv2.padding == padding
    assert lenet.dense1.in_features == features


def test_lenet_pooling_and_activation_are_those_asked_for():
    lenet = network("lenet", (1, 28, 28), pooling="average", activation="tanh", dropout=0.25)
    assert isinstance(lenet.pool1, nn.AvgPool2d)
    assert sum(isinstance(layer, nn.Tanh) for layer in lenet) == 4
    assert [layer.p for layer in lenet if isinstance(layer, nn.Dropout)] == [0.25, 0.25]


def test_mlp_size():
    # 64·16 + 16 = 1,040; 16·16 + 16 = 272, twice; 16·10 + 10 = 170; sum 1,754
    assert parameters(network("mlp", (1, 8, 8), depth=3, width=16)) == 1_754


def test_resnet20_size():
    # Convolutions have no bias, batch norm has two values a channel.
    # stem     3·16·9 + 32                                      =     464
    # stage 1  6 · (16·16·9 + 32)                               =  14,016
    # stage 2  16·32·9 + 64 + 5 · (32·32·9 + 64)                =  51,072
    #          shortcut 16·32 + 64                              =     576
    # stage 3  32·64·9 + 128 + 5 · (64·64·9 + 128)              = 203,520
    #          shortcut 32·64 + 128                             =   2,176
    # output   64·10 + 10                                       =     650    sum 272,474
    assert parameters(network("resnet", (3, 32, 32), depth=3, width=16)) == 272_474


@pytest.mark.parametrize("depth", [1, 2, 3])
def test_resnet_has_6n_plus_2_layers(depth):
    resnet = network("resnet", (3, 32, 32), depth=depth, width=4)
    main = [layer for layer in convolutions(resnet) if layer.kernel_size == (3, 3)]
    assert len(main) + 1 == 6 * depth + 2
    assert [layer.out_channels for layer in main[1 :: 2 * depth]] == [4, 8, 16]


@pytest.mark.parametrize(
    ("shape", "strides"),
    [
        ((3, 32, 32), [2, 2]),  # 32, 16, 8
        ((1, 3, 3), [2, 2]),  # 3, 2, 1
        ((1, 2, 2), [2, 1]),  # 2, 1, 1
        ((1, 1, 9), [1, 1]),  # one side is already 1
    ],
)
def test_resnet_halves_only_maps_above_one(shape, strides):
    resnet = network("resnet", shape, depth=1, width=4)
    assert [stage[0].first.conv.stride[0] for stage in (resnet.stage2, resnet.stage3)] == strides


def test_residual_block_adds_its_shortcut():
    block = network("resnet", (1, 8, 8), depth=1, width=4).stage1[0].eval()
    nn.init.zeros_(block.second.norm.weight)  # the residual is then 0
    images = torch.randn(2, 4, 8, 8)
    assert torch.equal(block(images), images.relu())
