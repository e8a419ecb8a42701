import pytest
import torch
from torch import nn

from secateur.models import build
from secateur.models.branches import INPUT, Branches
from secateur.models.efficientnet import StochasticDepth
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


def test_the_last_hidden_activation_of_a_lenet_may_differ():
    lenet = network("lenet", (1, 28, 28), activation="leaky-relu", last_activation="tanh")
    assert isinstance(lenet.activation4, nn.Tanh)
    assert sum(isinstance(layer, nn.LeakyReLU) for layer in lenet) == 3


@pytest.mark.parametrize(
    ("layout", "features"),
    [
        ("unpooled", 16 * 24 * 24),  # 28, padded; 24
        ("three-convolutions", 32 * 7 * 7),  # 30, 15; 13, 12 at stride 1; 14, 7
        ("one-convolution", 20 * 14 * 14),  # 28, 14
    ],
)
def test_lenet_variants_have_the_published_features(layout, features):
    assert network("lenet-variant", (1, 28, 28), layout=layout).dense1.in_features == features


def test_perceptron_size():
    # 28·28·10 + 10 = 7,850
    assert parameters(network("perceptron", (1, 28, 28))) == 7_850


@pytest.mark.parametrize("name", ["mlp", "lenet"])
def test_dense_layers_are_normalised_where_asked(name):
    def norms(normalization):
        built = network(name, (1, 28, 28), normalization=normalization)
        return {type(layer).__name__ for layer in built if "Norm" in type(layer).__name__}

    assert norms("none") == set()
    assert norms("layer") == {"GroupNorm"}
    assert norms("batch") == {"BatchNorm1d"} | ({"BatchNorm2d"} if name == "lenet" else set())


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


@pytest.mark.parametrize(("depth", "layers"), [(3, 20), (5, 32), (7, 44), (9, 56)])
def test_resnets_of_the_cifar_family(depth, layers):
    with torch.device("meta"):
        resnet = network("resnet", (3, 32, 32), depth=depth)
    assert len([layer for layer in convolutions(resnet) if layer.kernel_size == (3, 3)]) == (
        layers - 1
    )


def test_vgg16_with_the_compact_head():
    # torchvision's vgg16_bn has 138,365,992, and its classic head 25,088·4,096 + 4,096,
    # 4,096·4,096 + 4,096 and 4,096·1,000 + 1,000, in all 123,642,856. 14,723,136 are left,
    # and the compact head has 512·10 + 10 = 5,130.
    with torch.device("meta"):
        assert parameters(network("vgg", (3, 32, 32))) == 14_723_136 + 5_130


@pytest.mark.parametrize(
    ("shape", "pooled"),
    [((3, 224, 224), 7), ((3, 64, 64), 2), ((1, 28, 28), 1)],
)
def test_the_classic_head_never_enlarges_a_map(shape, pooled):
    with torch.device("meta"):
        vgg = network("vgg", shape, head="classic", depth=11)
    assert vgg.avgpool.output_size == (pooled, pooled)
    assert vgg.classifier[0].in_features == 512 * pooled**2


def test_densenet_bc_of_100_layers_for_small_images():
    # Huang et al. 2017, table 2: 0.8 million for k = 12 and CIFAR-10. In detail:
    # stem     3·24·9                                                          =     648
    # a layer of m channels: 2·m + 48·m + 2·48 + 48·12·9                       = 50·m + 5,280
    # block 1  16 layers from  24: 50·(16·24 + 12·120) + 84,480                = 175,680
    # block 2  16 layers from 108: 50·(16·108 + 12·120) + 84,480               = 242,880
    # block 3  16 layers from 150: 50·(16·150 + 12·120) + 84,480               = 276,480
    # between  216: 432 + 216·108, and 300: 600 + 300·150                      =  69,360
    # end      2·24 behind the stem, 2·342, 342·10 + 10                        =   4,162
    with torch.device("meta"):
        densenet = network("densenet", (3, 32, 32), depth=100)
    assert parameters(densenet) == 648 + 175_680 + 242_880 + 276_480 + 69_360 + 4_162


def test_the_small_stem_keeps_the_first_map():
    images = torch.zeros(1, 3, 24, 24)
    for name in ("alexnet", "googlenet", "resnet-imagenet", "inception", "efficientnet"):
        first, *_ = convolutions(network(name, (3, 24, 24), width=0.0625))
        assert first(images).shape[2:] == (24, 24), name


@pytest.mark.parametrize(("side", "kernel"), [(95, 3), (96, 7)])
def test_the_stem_goes_by_the_shorter_side(side, kernel):
    with torch.device("meta"):
        resnet = network("resnet-imagenet", (3, 300, side))
    assert resnet.conv1.kernel_size == (kernel, kernel)


def test_stochastic_depth_leaves_out_a_share_and_keeps_the_mean():
    layer = StochasticDepth(0.25)
    torch.manual_seed(0)
    made = layer(torch.ones(4000, 2, 1, 1))
    assert made.unique().tolist() == pytest.approx([0, 4 / 3])
    assert torch.equal(made[:, 0], made[:, 1])
    # Three deviations of the mean of 4000: 3·sqrt(0.75·0.25/4000)·4/3 = 0.027
    assert made.mean().item() == pytest.approx(1, abs=0.03)
    assert torch.equal(layer.eval()(made), made)


def test_the_last_block_of_efficientnet_is_left_out_most():
    # 16 blocks; 0.2·15/16 for the last
    with torch.device("meta"):
        efficientnet = network("efficientnet", (3, 32, 32))
    shares = [layer.share for layer in efficientnet.modules() if isinstance(layer, StochasticDepth)]
    assert shares == pytest.approx([0.0125 * number for number in range(16)])


def test_cnn1d_of_a_spectrum():
    # conv1   2·16·15 + 32               =    512, 1024 -> 512 positions
    # conv2   16·32·3 + 64               =  1,600, 256
    # conv3   32·64·3 + 128              =  6,272, 128
    # conv4   64·64·3 + 128              = 12,416, 64
    # output  64·64·4 + 4                = 16,388     sum 37,188; behind means 64·4 + 4
    shape = (2, 1, 1024)
    assert parameters(network("cnn1d", shape, 4)) == 37_188
    assert parameters(network("cnn1d", shape, 4, head="mean")) == 37_188 - 16_388 + 260


@pytest.mark.parametrize(("kernel", "spans"), [(1, 1), (4, 5), (15, 15)])
def test_cnn1d_shortens_a_series_by_its_stride_and_poolings_alone(kernel, spans):
    cnn1d = network("cnn1d", (2, 1, 102), kernel=kernel, stride=5, depth=3, width=2)
    assert cnn1d.conv1.kernel_size == (1, spans)
    assert cnn1d.conv1(torch.zeros(1, 2, 1, 102)).shape == (1, 2, 1, 21)  # 102 / 5, rounded up
    assert cnn1d.output.in_features == 8 * 2  # 21, 10, 5, 2


def test_cnn1d_keeps_rows_apart_up_to_its_last_layer():
    cnn1d = network("cnn1d", (1, 2, 16), depth=2, width=4).eval()
    image = torch.randn(1, 1, 2, 16, generator=torch.Generator().manual_seed(0))
    features = cnn1d[:-2]
    swapped = features(image.flip(2)).view(1, 8, 2, 4).flip(2)
    assert torch.allclose(features(image).view(1, 8, 2, 4), swapped)


def test_branches_concatenate_what_nothing_reads():
    branches = Branches(
        {
            "doubled": (INPUT, nn.Hardtanh(0, 2)),
            "cut": ("doubled", nn.Hardtanh(0, 1)),
            "other": ("doubled", nn.Hardtanh(0, 0.5)),
            "plain": (INPUT, nn.Identity()),
        }
    )
    made = branches(torch.full((1, 1, 1, 1), 3.0))
    assert made.flatten().tolist() == [1.0, 0.5, 3.0]


def test_residual_block_adds_its_shortcut():
    block = network("resnet", (1, 8, 8), depth=1, width=4).stage1[0].eval()
    nn.init.zeros_(block.second.norm.weight)  # the residual is then 0
    images = torch.randn(2, 4, 8, 8)
    assert torch.equal(block(images), images.relu())
