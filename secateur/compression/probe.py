"""Which way of running a network is the fastest on this machine, by measuring."""

from __future__ import annotations

from time import perf_counter

import torch
from torch import Tensor, nn

from secateur.compression.execution import EXACT, Execution
from secateur.compression.rebuild import duplicate

WAYS = (EXACT, Execution(channels_last=True), Execution(channels_last=True, bfloat16=True))
GAIN = 1.1
"""A way must be this much faster than the one chosen so far: noise should decide nothing."""
TOLERANCE = 0.05
"""Largest root mean square change of the logits, as a share of their standard deviation.

bfloat16 has eight significant bits, and over the layers of a network its rounding adds up
to a hundredth or two; what lies beyond is another network.
"""
_ROUNDS = 3


def fastest(network: nn.Module, images: Tensor) -> Execution:
    """Time each of ``WAYS`` on one batch, in turns, and choose.

    A processor that only emulates bfloat16 is slower with it and keeps float32.

    Args:
        network: left untouched; in evaluation mode, of a size that is typical for what is
            to be run.
        images: (images, channels, height, width) on the network's device; at most one
            batch of them is used.
    """
    entrants = [_Entrant(way, network, images[: EXACT.batch]) for way in WAYS]
    answers = [entrant.run() for entrant in entrants]  # the first run of each is slower
    for _ in range(_ROUNDS):
        for entrant in entrants:
            entrant.run()
    chosen = entrants[0]
    for entrant, answer in zip(entrants, answers, strict=True):
        faster = entrant.seconds * GAIN < chosen.seconds
        if faster and change(answer, answers[0]) <= TOLERANCE:
            chosen = entrant
    return chosen.way


def change(answer: Tensor, reference: Tensor) -> float:
    """Root mean square difference of logits, as a share of the reference's deviation.

    Both of shape (images, classes); answers that are not finite differ infinitely.
    """
    difference = (answer - reference).square().mean().sqrt() / reference.std()
    return float(difference.nan_to_num(nan=torch.inf))


class _Entrant:
    """One way, with a copy of the network and the images laid out for it."""

    def __init__(self, way: Execution, network: nn.Module, images: Tensor) -> None:
        self.way, self.seconds = way, float("inf")
        self._network = way.place(duplicate(network))
        (self._images,) = way.batches(images)

    def run(self) -> Tensor:
        """Logits on the CPU, which waits for the device; keeps the least time."""
        began = perf_counter()
        with self.way.running(self._images.device):
            answer: Tensor = self._network(self._images).float().cpu()
        self.seconds = min(self.seconds, perf_counter() - began)
        return answer
