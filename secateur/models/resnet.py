"""Residual networks of the CIFAR family (He et al. 2016, section 4.2)."""

from __future__ import annotations

from collections import OrderedDict

from torch import Tensor, nn

from secateur.models.blocks import activation as activation_layer
from secateur.models.blocks import convolution, initialise
from secateur.models.registry import register
from secateur.models.sizes import halved
from secateur.spaces import ResNetSpace

_STAGES = 3


class ResidualBlock(nn.Module):
    """Two 3x3 convolutions with batch norm, added to a shortcut.

    The shortcut is the identity where shapes allow, else a 1x1 convolution with batch
    norm (option B of the paper): unlike the zero-padded option A it is a plain layer,
    so that channel dependencies can be followed through it.
    """

    def __init__(
        self, channels_in: int, channels_out: int, stride: int, activation: str, normalization: str
    ) -> None:
        super().__init__()
        self.first = convolution(channels_in, channels_out, 3, stride, normalization)
        self.activation1 = activation_layer(activation)
        self.second = convolution(channels_out, channels_out, 3, 1, normalization)
        same = channels_in == channels_out and stride == 1
        self.shortcut = (
            nn.Identity()
            if same
            else convolution(channels_in, channels_out, 1, stride, normalization)
        )
        self.activation2 = activation_layer(activation)

    def forward(self, inputs: Tensor) -> Tensor:
        """(batch, in, height, width) -> (batch, out, height / stride, width / stride)."""
        residual = self.second(self.activation1(self.first(inputs)))
        outputs: Tensor = self.activation2(residual + self.shortcut(inputs))
        return outputs


@register("resnet", ResNetSpace)
def resnet(
    input_shape: tuple[int, int, int],
    classes: int,
    *,
    depth: int = 3,
    width: int = 16,
    activation: str = "relu",
    normalization: str = "batch",
    dropout: float = 0.0,
) -> nn.Module:
    """3 stages of ``depth`` blocks with ``width``, 2·``width`` and 4·``width`` channels.

    6·``depth`` + 2 layers, shortcuts not counted; the defaults are ResNet-20, 272,474
    parameters for 32x32 images of three channels and 10 classes, and depths 5, 7 and 9
    are ResNet-32, 44 and 56. The second and third stage halve the feature map, as long as
    both its sides are above 1. Dropout comes before the last layer.
    """
    channels, *image = input_shape
    stem = convolution(channels, width, 3, 1, normalization)
    layers: OrderedDict[str, nn.Module] = OrderedDict(
        stem=stem, activation=activation_layer(activation)
    )
    features, sides = width, (image[0], image[1])
    for number in range(_STAGES):
        stride, sides = halved(sides) if number > 0 else (1, sides)
        made = width * 2**number
        layers[f"stage{number + 1}"] = _stage(
            features, made, depth, stride, activation, normalization
        )
        features = made
    layers["pool"] = nn.AdaptiveAvgPool2d(1)
    layers["flatten"] = nn.Flatten()
    layers["dropout"] = nn.Dropout(dropout)
    layers["output"] = nn.Linear(features, classes)
    network = nn.Sequential(layers)
    initialise(network, "fan_out")
    return network


def _stage(
    channels_in: int,
    channels_out: int,
    depth: int,
    stride: int,
    activation: str,
    normalization: str,
) -> nn.Sequential:
    """``depth`` blocks, the first of which changes channels and size."""
    first = ResidualBlock(channels_in, channels_out, stride, activation, normalization)
    others = (
        ResidualBlock(channels_out, channels_out, 1, activation, normalization)
        for _ in range(depth - 1)
    )
    return nn.Sequential(first, *others)
