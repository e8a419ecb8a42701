"""The perceptron (Rosenblatt 1958), trained by gradient descent as all others."""

from __future__ import annotations

from collections import OrderedDict
from math import prod

from torch import nn

from secateur.models.registry import register
from secateur.spaces import PerceptronSpace


@register("perceptron", PerceptronSpace)
def perceptron(
    input_shape: tuple[int, int, int], classes: int, *, dropout: float = 0.0
) -> nn.Module:
    """One dense layer from the pixels, of which ``dropout`` are dropped, to the classes.

    The floor that every other family has to beat.  Its only outputs are the network's:
    there is no channel to prune.
    """
    return nn.Sequential(
        OrderedDict(
            flatten=nn.Flatten(),
            dropout=nn.Dropout(dropout),
            output=nn.Linear(prod(input_shape), classes),
        )
    )
