"""Residual networks of the ImageNet family (He et al. 2016, section 4.1)."""

from __future__ import annotations

from collections import OrderedDict

from torch import Tensor, nn

from secateur.models.blocks import Style, classifier, scaled
from secateur.models.registry import register
from secateur.models.sizes import Sides, halved, large, require
from secateur.spaces import ImageNetResNetSpace

_CHANNELS = (64, 128, 256, 512)
# Blocks in each stage, and whether they are bottlenecks, by the number of layers.
_STAGES = {18: ((2, 2, 2, 2), False), 34: ((3, 4, 6, 3), False), 50: ((3, 4, 6, 3), True)}
_EXPANSION = 4
_SMALLEST_SIDE = 32


class BasicBlock(nn.Module):
    """Two 3x3 convolutions, added to a shortcut; ``inner`` channels are made."""

    def __init__(self, channels_in: int, inner: int, stride: int, style: Style) -> None:
        super().__init__()
        self.conv1 = _convolution(channels_in, inner, 3, stride)
        self.bn1 = style.normalize(inner)
        self.relu1 = style.activate()
        self.conv2 = _convolution(inner, inner, 3, 1)
        self.bn2 = style.normalize(inner)
        self.downsample = _shortcut(channels_in, inner, stride, style)
        self.relu2 = style.activate()

    def forward(self, inputs: Tensor) -> Tensor:
        """(batch, in, height, width) -> (batch, inner, height / stride, width / stride)."""
        residual = self.relu1(self.bn1(self.conv1(inputs)))
        residual = self.bn2(self.conv2(residual))
        outputs: Tensor = self.relu2(residual + self.downsample(inputs))
        return outputs


class Bottleneck(nn.Module):
    """1x1, 3x3 and 1x1 convolution, added to a shortcut; 4·``inner`` channels are made.

    The 3x3 convolution strides, as in torchvision's network; the paper's first 1x1 did.
    """

    def __init__(self, channels_in: int, inner: int, stride: int, style: Style) -> None:
        super().__init__()
        made = _EXPANSION * inner
        self.conv1 = _convolution(channels_in, inner, 1, 1)
        self.bn1 = style.normalize(inner)
        self.relu1 = style.activate()
        self.conv2 = _convolution(inner, inner, 3, stride)
        self.bn2 = style.normalize(inner)
        self.relu2 = style.activate()
        self.conv3 = _convolution(inner, made, 1, 1)
        self.bn3 = style.normalize(made)
        self.downsample = _shortcut(channels_in, made, stride, style)
        self.relu3 = style.activate()

    def forward(self, inputs: Tensor) -> Tensor:
        """(batch, in, height, width) -> (batch, 4·inner, height / stride, width / stride)."""
        residual = self.relu1(self.bn1(self.conv1(inputs)))
        residual = self.relu2(self.bn2(self.conv2(residual)))
        residual = self.bn3(self.conv3(residual))
        outputs: Tensor = self.relu3(residual + self.downsample(inputs))
        return outputs


@register("resnet-imagenet", ImageNetResNetSpace)
def resnet_imagenet(
    input_shape: tuple[int, int, int],
    classes: int,
    *,
    depth: int = 18,
    width: float = 1.0,
    stem: str = "auto",
    activation: str = "relu",
    normalization: str = "batch",
    dropout: float = 0.0,
) -> nn.Module:
    """Four stages of residual blocks of 64 to 512 channels; ``width`` times as wide.

    ``depth`` is 18 or 34 with basic blocks or 50 with bottlenecks: 11,689,512, 21,797,672
    and 25,557,032 parameters for ImageNet.  The small stem is a 3x3 convolution that
    neither strides nor pools; a stage halves the map as long as both its sides are above 1.
    Dropout comes before the last layer.

    Raises:
        ArchitectureError: a side below 32 for the ImageNet stem.
    """
    published = large(stem, input_shape)
    if published:
        require("resnet-imagenet", input_shape, _SMALLEST_SIDE)
    style = Style(activation, normalization)
    blocks, bottlenecks = _STAGES[depth]
    channels = scaled(width, _CHANNELS[0])
    layers, sides = _stem(input_shape, channels, style, published=published)
    for number, (count, inner) in enumerate(zip(blocks, _CHANNELS, strict=True), start=1):
        stride, sides = halved(sides) if number > 1 else (1, sides)
        made = scaled(width, inner)
        layers[f"layer{number}"] = _stage(channels, made, count, stride, style, bottlenecks)
        channels = made * (_EXPANSION if bottlenecks else 1)
    return classifier(layers, channels, classes, dropout)


def _stem(
    input_shape: tuple[int, int, int], made: int, style: Style, *, published: bool
) -> tuple[OrderedDict[str, nn.Module], Sides]:
    """The layers before the first stage, by name, and the sides of the map they make."""
    channels, *image = input_shape
    size, stride = (7, 2) if published else (3, 1)
    layers: OrderedDict[str, nn.Module] = OrderedDict(
        conv1=_convolution(channels, made, size, stride),
        bn1=style.normalize(made),
        relu=style.activate(),
    )
    sides: Sides = (image[0], image[1])
    if published:
        layers["maxpool"] = nn.MaxPool2d(3, 2, 1)
        sides = (-(-sides[0] // 4), -(-sides[1] // 4))
    return layers, sides


def _stage(
    channels_in: int, inner: int, count: int, stride: int, style: Style, bottlenecks: bool
) -> nn.Sequential:
    """``count`` blocks, the first of which changes channels and size."""
    block = Bottleneck if bottlenecks else BasicBlock
    made = inner * (_EXPANSION if bottlenecks else 1)
    others = (block(made, inner, 1, style) for _ in range(count - 1))
    return nn.Sequential(block(channels_in, inner, stride, style), *others)


def _convolution(channels_in: int, channels_out: int, kernel: int, stride: int) -> nn.Conv2d:
    return nn.Conv2d(channels_in, channels_out, kernel, stride, kernel // 2, bias=False)


def _shortcut(channels_in: int, channels_out: int, stride: int, style: Style) -> nn.Module:
    """The identity where shapes allow, else a 1x1 convolution and its normalisation."""
    if channels_in == channels_out and stride == 1:
        return nn.Identity()
    return nn.Sequential(
        _convolution(channels_in, channels_out, 1, stride), style.normalize(channels_out)
    )
