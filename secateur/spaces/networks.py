"""The space of every network family: the arguments of its builder and their bounds."""

from __future__ import annotations

from typing import Annotated, Literal, get_args

from pydantic import Field

from secateur.spaces.dimensions import Dimension, Frozen, Range, integers, names, numbers, reals
from secateur.spaces.published import PublishedSpace

ACTIVATIONS = ("relu", "leaky-relu", "tanh", "sigmoid", "silu")
NORMALIZATIONS = ("batch", "layer", "none")
POOLINGS = ("max", "average")

Activation = Annotated[Dimension, names(*ACTIVATIONS)]
Normalization = Annotated[Dimension, names(*NORMALIZATIONS)]
ResidualNormalization = Annotated[Dimension, names("batch", "layer")]
"""Sums of many residuals grow without bound where nothing normalises them."""
Pooling = Annotated[Dimension, names(*POOLINGS)]
Dropout = Annotated[Dimension, reals(0, 0.9)]
Multiplier = Annotated[Dimension, reals(0.03125, 8)]
"""Of the published channels and units."""
Stem = Annotated[Dimension, names("auto", "imagenet", "small")]
"""``auto`` goes by the size of the images."""


class PerceptronSpace(Frozen):
    """One dense layer (Rosenblatt 1958); it has no channel to prune."""

    kind: Literal["perceptron"] = "perceptron"
    dropout: Dropout = 0.0


class MLPSpace(Frozen):
    """Multilayer perceptrons: ``depth`` hidden layers of ``width`` units."""

    kind: Literal["mlp"] = "mlp"
    depth: Annotated[Dimension, integers(1, 16)] = Range(low=1, high=3)
    width: Annotated[Dimension, integers(1, 16384)] = (64, 128, 256)
    activation: Activation = "relu"
    normalization: Normalization = "none"
    dropout: Dropout = 0.0


class LeNetSpace(Frozen):
    """LeNet-5 with ``width`` times its published channels (LeCun et al. 1998).

    ``last_activation`` is that of the last hidden layer, ``same`` as the others'.
    """

    kind: Literal["lenet"] = "lenet"
    width: Annotated[Dimension, reals(0.25, 16)] = (1.0, 2.0, 4.0)
    activation: Activation = "relu"
    last_activation: Annotated[Dimension, names("same", *ACTIVATIONS)] = "same"
    normalization: Normalization = "none"
    pooling: Pooling = "max"
    dropout: Dropout = 0.0


class LeNetVariantSpace(Frozen):
    """LeNets without poolings, with three convolutions, or with one; see ``layout``."""

    kind: Literal["lenet-variant"] = "lenet-variant"
    layout: Annotated[Dimension, names("unpooled", "three-convolutions", "one-convolution")] = (
        "unpooled",
        "three-convolutions",
        "one-convolution",
    )
    activation: Activation = "relu"
    pooling: Pooling = "max"
    dropout: Dropout = 0.0


class AlexNetSpace(PublishedSpace):
    """AlexNet with ``width`` times its published channels and units (Krizhevsky 2014)."""

    kind: Literal["alexnet"] = "alexnet"
    width: Multiplier = (0.25, 0.5, 1.0)
    stem: Stem = "auto"
    activation: Activation = "relu"
    normalization: Normalization = "none"
    pooling: Pooling = "max"
    dropout: Dropout = 0.5


class VGGSpace(PublishedSpace):
    """VGG-11, 13, 16 and 19 with either head (Simonyan & Zisserman 2015)."""

    kind: Literal["vgg"] = "vgg"
    depth: Annotated[Dimension, numbers(11, 13, 16, 19)] = (11, 13, 16)
    width: Multiplier = (0.25, 0.5, 1.0)
    head: Annotated[Dimension, names("auto", "compact", "classic")] = "auto"
    activation: Activation = "relu"
    normalization: Normalization = "batch"
    pooling: Pooling = "max"
    dropout: Dropout = 0.5


class GoogLeNetSpace(PublishedSpace):
    """GoogLeNet with batch norm and no auxiliary heads (Szegedy et al. 2015)."""

    kind: Literal["googlenet"] = "googlenet"
    width: Multiplier = (0.25, 0.5, 1.0)
    stem: Stem = "auto"
    activation: Activation = "relu"
    normalization: Normalization = "batch"
    pooling: Pooling = "max"
    dropout: Dropout = 0.2


class InceptionSpace(PublishedSpace):
    """Inception-v2 and v3: factorised convolutions and batch norm (Szegedy et al. 2016)."""

    kind: Literal["inception"] = "inception"
    version: Annotated[Dimension, numbers(2, 3)] = 2
    width: Multiplier = (0.25, 0.5, 1.0)
    stem: Stem = "auto"
    activation: Activation = "relu"
    normalization: Normalization = "batch"
    pooling: Pooling = "max"
    dropout: Dropout = 0.5


class ResNetSpace(Frozen):
    """Residual networks of the CIFAR family (He et al. 2016): 6·``depth`` + 2 layers."""

    kind: Literal["resnet"] = "resnet"
    depth: Annotated[Dimension, integers(1, 18)] = Range(low=1, high=2)
    width: Annotated[Dimension, integers(4, 256)] = (8, 16)
    activation: Activation = "relu"
    normalization: ResidualNormalization = "batch"
    dropout: Dropout = 0.0


class ImageNetResNetSpace(PublishedSpace):
    """ResNet-18, 34 and 50 (He et al. 2016, section 4.1)."""

    kind: Literal["resnet-imagenet"] = "resnet-imagenet"
    depth: Annotated[Dimension, numbers(18, 34, 50)] = (18, 34)
    width: Multiplier = (0.25, 0.5, 1.0)
    stem: Stem = "auto"
    activation: Activation = "relu"
    normalization: ResidualNormalization = "batch"
    dropout: Dropout = 0.0


class DenseNetSpace(PublishedSpace):
    """DenseNet-BC with ``width`` times the published growth rate (Huang et al. 2017)."""

    kind: Literal["densenet"] = "densenet"
    depth: Annotated[Dimension, numbers(40, 100, 121, 169, 201)] = (40, 100, 121)
    width: Multiplier = (0.5, 1.0)
    stem: Stem = "auto"
    activation: Activation = "relu"
    pooling: Pooling = "average"
    dropout: Dropout = 0.0


class EfficientNetSpace(PublishedSpace):
    """EfficientNet-B0, wider and deeper by factors (Tan & Le 2019)."""

    kind: Literal["efficientnet"] = "efficientnet"
    depth: Annotated[Dimension, reals(0.1, 4)] = 1.0
    width: Multiplier = (0.25, 0.5, 1.0)
    stem: Stem = "auto"
    activation: Activation = "silu"
    dropout: Dropout = 0.2
    stochastic_depth: Dropout = 0.2


class CNN1DSpace(Frozen):
    """Convolutions along series or spectra, the first a wide one (Zhang et al. 2017).

    Attributes:
        width: channels of the first layer; twice as many each layer behind, up to 4 times.
        depth: convolutions, each with a pooling that halves the length.
        kernel: positions that the first convolution spans; an even number spans one more.
        stride: of the first convolution.
        head: dense layer behind every ``position`` that is left, since a line of a spectrum
            means what its place says, or behind their ``mean``, since a series may begin anywhere.
    """

    kind: Literal["cnn1d"] = "cnn1d"
    width: Annotated[Dimension, integers(1, 512)] = (8, 16)
    depth: Annotated[Dimension, integers(1, 12)] = Range(low=3, high=5)
    kernel: Annotated[Dimension, integers(1, 1023)] = (7, 15)
    stride: Annotated[Dimension, integers(1, 64)] = (1, 2)
    head: Annotated[Dimension, names("positions", "mean")] = "positions"
    activation: Activation = "relu"
    normalization: Normalization = "batch"
    pooling: Pooling = "max"
    dropout: Dropout = 0.0


NetworkSpace = Annotated[
    PerceptronSpace
    | MLPSpace
    | LeNetSpace
    | LeNetVariantSpace
    | AlexNetSpace
    | VGGSpace
    | GoogLeNetSpace
    | InceptionSpace
    | ResNetSpace
    | ImageNetResNetSpace
    | DenseNetSpace
    | EfficientNetSpace
    | CNN1DSpace,
    Field(discriminator="kind"),
]


def families() -> dict[str, type[Frozen]]:
    """The space of every family, by the name that specs call it."""
    union, _ = get_args(NetworkSpace)
    return {space.model_fields["kind"].default: space for space in get_args(union)}
