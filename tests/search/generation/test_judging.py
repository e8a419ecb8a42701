"""When a training is judged, and on what."""

from __future__ import annotations

from collections.abc import Iterator

import torch
from torch import Tensor, nn

from search.generation.judging import SHOWN, judgements
from secateur.records import GenerativeMetrics, Likeness


class Constant(nn.Module):
    """Makes images of one level, that of its step."""

    latent = 3

    def __init__(self) -> None:
        super().__init__()
        self.level = nn.Parameter(torch.zeros(()))

    def forward(self, noise: Tensor) -> Tensor:
        return self.level.expand(len(noise), 1, 2, 2)


class Judge:
    count = 20

    def __call__(self, images: Tensor) -> Likeness:
        assert images.shape == (self.count, 1, 2, 2)
        return Likeness(
            judge="level", images=len(images), real=9, distance=float(images.mean()),
            kernel_distance=0, coverage=1, collapsed=False,
        )  # fmt: skip


def training(generator: Constant, steps: int) -> Iterator[GenerativeMetrics]:
    for step in range(1, steps + 1):
        nn.init.constant_(generator.level, step / 8)
        yield GenerativeMetrics(step=step, losses={}, seconds=step, last=step == steps)


def test_every_few_intervals_and_at_the_end() -> None:
    generator = Constant()
    found = list(judgements(training(generator, 7), lambda: generator, Judge(), 0, 3))
    assert [[one.step for one in stretch] for stretch, _, _ in found] == [[1, 2, 3], [4, 5, 6], [7]]
    # What the generator makes at that moment.
    assert [likeness.distance for _, likeness, _ in found] == [3 / 8, 6 / 8, 7 / 8]
    assert all(images.shape == (SHOWN, 1, 2, 2) for _, _, images in found)


def test_the_end_is_judged_once() -> None:
    generator = Constant()
    found = list(judgements(training(generator, 4), lambda: generator, Judge(), 0, 2))
    assert [stretch[-1].step for stretch, _, _ in found] == [2, 4]
