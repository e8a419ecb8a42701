"""How long one image takes, measured on this machine."""

from __future__ import annotations

from statistics import median
from time import perf_counter

import torch
from torch import nn

from secateur.compression import layers
from secateur.compression.execution import Execution
from secateur.compression.folding import fold, foldable
from secateur.compression.groups import InputShape
from secateur.compression.rebuild import rebuild

SERVED = Execution(channels_last=True)
"""As a network is run for one image: float32, batch norm folded."""


def relative_latency(
    network: nn.Module, reference: nn.Module, input_shape: InputShape, rounds: int
) -> float:
    """Share of the reference's latency that a network takes, above 0.

    Each answers one image a round, in turns, with the threads that torch has been given,
    and the median of the rounds' ratios counts: what else the machine does slows both of a
    round alike.

    Args:
        network: left untouched, as is the other.
        reference: with an input of the same shape.
        input_shape: (channels, height, width) of one image.
        rounds: at least 1.
    """
    shown = _Shown(network, input_shape), _Shown(reference, input_shape)
    for one in shown:
        one.seconds()  # the first answer prepares kernels
    return median(shown[0].seconds() / shown[1].seconds() for _ in range(rounds))


class _Shown:
    """A copy of a network, ready to answer one image again and again."""

    def __init__(self, network: nn.Module, input_shape: InputShape) -> None:
        copy = rebuild(network, lambda _module, _name, tensor: tensor.clone()).eval()
        fold(copy, foldable(network, input_shape))
        self._network = SERVED.place(copy)
        (self._image,) = SERVED.batches(layers.random_inputs(copy, input_shape, images=1))

    def seconds(self) -> float:
        """Time of one answer."""
        began = perf_counter()
        with SERVED.running(self._image.device):
            answer = self._network(self._image)
        assert torch.is_tensor(answer)
        answer.cpu()  # waits for the device
        return perf_counter() - began
