"""Residual networks of the CIFAR family (He et al. 2016, section 4.2)."""

from __future__ import annotations

from collections import OrderedDict

from torch import Tensor, nn

from secateur.models.blocks import convolution
from secateur.models.registry import register
from secateur.spaces import ResNetSpace

_STAGES = 3


class ResidualBlock(nn.Module):
    """Two 3x3 convolutions with batch norm, added to a shortcut.

    The shortcut is the identity where shapes allow, else a 1x1 convolution with batch
    norm (option B of the paper): unlike the zero-padded option A it is a plain layer,
    so that channel dependencies can be followed through it.
    """

    def __init__(self, channels_in: int, channels_out: int, stride: int) -> None:
        super().__init__()
        self.first = convolution(channels_in, channels_out, 3, stride)
        self.activation1 = nn.ReLU()
        self.second = convolution(channels_out, channels_out, 3)
        same = channels_in == channels_out and stride == 1
        self.shortcut = nn.Identity() if same else convolution(channels_in, channels_out, 1, stride)
        self.activation2 = nn.ReLU()

    def forward(self, inputs: Tensor) -> Tensor:
        """(batch, in, height, width) -> (batch, out, height / stride, width / stride)."""
        residual = self.second(self.activation1(self.first(inputs)))
        outputs: Tensor = self.activation2(residual + self.shortcut(inputs))
        return outputs


@register("resnet", ResNetSpace)
def resnet(
    input_shape: tuple[int, int, int], classes: int, *, depth: int = 3, width: int = 16
) -> nn.Module:
    """3 stages of ``depth`` blocks with ``width``, 2·``width`` and 4·``width`` channels.

    6·``depth`` + 2 layers, shortcuts not counted; the defaults are ResNet-20, 272,474
    parameters for 32x32 images of three channels and 10 classes. The second and third
    stage halve the feature map, as long as both its sides are above 1.
    """
    channels, *sides = input_shape
    layers: OrderedDict[str, nn.Module] = OrderedDict(
        stem=convolution(channels, width, 3), activation=nn.ReLU()
    )
    features = width
    for number in range(_STAGES):
        stride = 2 if number > 0 and min(sides) > 1 else 1
        layers[f"stage{number + 1}"] = _stage(features, width * 2**number, depth, stride)
        features = width * 2**number
        sides = [-(-side // stride) for side in sides]
    layers["pool"] = nn.AdaptiveAvgPool2d(1)
    layers["flatten"] = nn.Flatten()
    layers["output"] = nn.Linear(features, classes)
    network = nn.Sequential(layers)
    network.apply(_initialise)
    return network


def _stage(channels_in: int, channels_out: int, depth: int, stride: int) -> nn.Sequential:
    """``depth`` blocks, the first of which changes channels and size."""
    first = ResidualBlock(channels_in, channels_out, stride)
    others = (ResidualBlock(channels_out, channels_out, 1) for _ in range(depth - 1))
    return nn.Sequential(first, *others)


def _initialise(module: nn.Module) -> None:
    """Weights of convolutions as in He et al. 2015, "Delving deep into rectifiers"."""
    if isinstance(module, nn.Conv2d):
        nn.init.kaiming_normal_(module.weight, mode="fan_out", nonlinearity="relu")
