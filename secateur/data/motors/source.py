"""Signals of simulated motors as a data set."""

from __future__ import annotations

import numpy as np

from secateur.data.images import Images
from secateur.data.motors.machines import MACHINES
from secateur.data.motors.operation import STATES
from secateur.data.motors.representations import REPRESENTATIONS
from secateur.data.motors.simulator import simulate
from secateur.data.registry import Source, register
from secateur.data.splits import hold_out_test
from secateur.spec import MotorsData


@register("motors")
def motors(spec: MotorsData, seed: int) -> Source:
    """Simulate a machine: the same signals whatever the seed, which parts them.

    States come in equal numbers.  A signal is an "image" of two channels, current and
    vibration, and height 1; uint8, see ``representations``.

    Raises:
        DataError: a test split that is too small.
    """
    whole = simulated(spec, np.random.default_rng(0))
    pool, test = hold_out_test(whole, STATES, spec.test, seed, field="data.test")
    return Source(f"motors-{spec.machine}-{spec.representation}", STATES, pool, test)


def simulated(spec: MotorsData, generator: np.random.Generator) -> Images:
    """``spec.signals`` signals of a generator's own."""
    states = np.arange(spec.signals) % len(STATES)
    signals = simulate(MACHINES[spec.machine], states, generator, spec.noise)
    return Images(REPRESENTATIONS[spec.representation](signals), states)
