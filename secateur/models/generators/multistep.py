"""Diffusion sampled to the second order (Lu et al. 2022, "DPM-Solver++")."""

from __future__ import annotations

from itertools import pairwise
from math import exp, log, sqrt

import numpy as np
from torch import Tensor

from secateur.models.generators.sampler import Sampler

_NOISIEST = -5.0
"""Half a log-ratio of signal to noise; where it is less, images are noise to within 1 %."""


class MultistepSampler(Sampler):
    """DPM-Solver++(2M), algorithm 2 of the paper: as many runs as DDIM, with less error.

    A step goes on with the change from the clean images of the run before to those of its own.
    Levels are as far apart in λ = ln(signal / noise), the solver's own time, as can be, so that
    many are where little noise is left: of these fine grain is made.
    """

    def spaced(self, runs: int) -> tuple[int, ...]:
        """So many levels from the last to the first: evenly in λ, each once."""
        last = len(self.signal) - 1
        ratios = [self._ratio(level) for level in range(last + 1)]
        wanted = np.linspace(max(ratios[last], _NOISIEST), ratios[0], runs)
        found = np.abs(np.subtract.outer(wanted, ratios)).argmin(axis=1)
        found[0] = last
        # Where levels are fewer than what is wanted, the nearest that are still free.
        for place in range(runs - 2, -1, -1):
            found[place] = max(found[place], found[place + 1] + 1)
        for place in range(runs):
            found[place] = min(found[place], last - place)
        return tuple(int(level) for level in found)

    def forward(self, noise: Tensor) -> Tensor:
        """As ``Sampler.forward``."""
        images = noise.reshape(-1, *self.image_shape)
        earlier: tuple[Tensor, float] | None = None
        for level, following in pairwise(self.visited):
            clean, step = self.clean(images, level), self._ratio(following) - self._ratio(level)
            aim = clean
            if earlier is not None:
                before, length = earlier
                aim = clean + step / (2 * length) * (clean - before)
            signal, after = self.signal[level], self.signal[following]
            images = (
                sqrt((1 - after) / (1 - signal)) * images + sqrt(after) * (1 - exp(-step)) * aim
            )
            earlier = clean, step
        return self.clean(images, self.visited[-1])

    def _ratio(self, level: int) -> float:
        """λ of a level, half the logarithm of its ratio of variances."""
        return 0.5 * log(self.signal[level] / (1 - self.signal[level]))
