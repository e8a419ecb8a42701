"""LeNet-5 (LeCun et al. 1998, "Gradient-based learning applied to document recognition")."""

from __future__ import annotations

from collections import OrderedDict

from torch import nn

from secateur.errors import ArchitectureError
from secateur.models.blocks import activation as activation_layer
from secateur.models.blocks import normalization as normalization_layer
from secateur.models.blocks import pooling as pooling_layer
from secateur.models.blocks import scaled
from secateur.models.registry import register
from secateur.spaces import LeNetSpace

_KERNEL = 5
_SMALLEST_SIDE = 4  # two poolings halve it to 1


@register("lenet", LeNetSpace)
def lenet(
    input_shape: tuple[int, int, int],
    classes: int,
    *,
    width: float = 1.0,
    activation: str = "relu",
    last_activation: str = "same",
    normalization: str = "none",
    pooling: str = "max",
    dropout: float = 0.0,
) -> nn.Module:
    """Two convolutions with poolings, three dense layers; ``width`` times as wide.

    At width 1: 6 channels (5x5, padding 2), 16 channels (5x5, no padding), 120, 84 and
    ``classes`` units; 61,706 parameters for 28x28 images of one channel and 10 classes.
    The second convolution is padded along a side that would leave the second pooling
    nothing, which is a side below 12. Each hidden layer may be normalised before its
    activation, which may be another in the last; dropout comes after each hidden dense layer.

    Raises:
        ArchitectureError: a side below 4.
    """
    channels, *sides = input_shape
    if min(sides) < _SMALLEST_SIDE:
        raise ArchitectureError(
            f"lenet.input_shape: {input_shape} is too small; "
            f"expected sides of at least {_SMALLEST_SIDE}"
        )
    narrow, broad, *units = (scaled(width, count) for count in (6, 16, 120, 84))
    padding, (height, breadth) = _second_convolution(sides)
    return nn.Sequential(
        OrderedDict(
            conv1=nn.Conv2d(channels, narrow, _KERNEL, padding=2),
            norm1=normalization_layer(normalization, narrow),
            activation1=activation_layer(activation),
            pool1=pooling_layer(pooling, 2),
            conv2=nn.Conv2d(narrow, broad, _KERNEL, padding=padding),
            norm2=normalization_layer(normalization, broad),
            activation2=activation_layer(activation),
            pool2=pooling_layer(pooling, 2),
            flatten=nn.Flatten(),
            dense1=nn.Linear(broad * height * breadth, units[0]),
            norm3=normalization_layer(normalization, units[0], dims=1),
            activation3=activation_layer(activation),
            dropout1=nn.Dropout(dropout),
            dense2=nn.Linear(units[0], units[1]),
            norm4=normalization_layer(normalization, units[1], dims=1),
            activation4=activation_layer(
                activation if last_activation == "same" else last_activation
            ),
            dropout2=nn.Dropout(dropout),
            output=nn.Linear(units[1], classes),
        )
    )


def _second_convolution(sides: list[int]) -> tuple[tuple[int, int], tuple[int, int]]:
    """Padding of the second convolution, and the sides after the second pooling."""
    pooled = [side // 2 for side in sides]
    # Unpadded, the convolution takes 4 off a side, and the pooling after it needs 2.
    padding = [0 if side >= _KERNEL + 1 else _KERNEL // 2 for side in pooled]
    left = [(side + 2 * pad - _KERNEL + 1) // 2 for side, pad in zip(pooled, padding, strict=True)]
    return (padding[0], padding[1]), (left[0], left[1])
