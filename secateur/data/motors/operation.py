"""How machines run while they are measured, and what is wrong with them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from secateur.data.motors.machines import Machine

Array = NDArray[np.float64]

STATES = ("healthy", "bearing", "broken-bar", "unbalance")
"""Classes, in their order."""

_HEALTHY, _BEARING, _BROKEN_BAR, _UNBALANCE = range(len(STATES))


@dataclass(frozen=True, eq=False)
class Operation:
    """Working points, one a signal; every attribute has shape (n,).

    Attributes:
        load: share of the rated torque.
        supply: actual frequency of the mains, Hz.
        slip: share by which the rotor lags the field.
        rotation: turns of the shaft a second.
    """

    load: Array
    supply: Array
    slip: Array
    rotation: Array

    @classmethod
    def at(cls, machine: Machine, load: Array, supply: Array) -> Operation:
        """Slip grows with the load, and the shaft turns (1 - slip)·supply / pole pairs a second."""
        slip = machine.rated_slip * load
        return cls(load, supply, slip, (1 - slip) * supply / machine.pole_pairs)

    @classmethod
    def draw(cls, machine: Machine, count: int, generator: np.random.Generator) -> Operation:
        """Loads spread evenly over 40 to 110 %, mains within about 0.1 Hz of their frequency."""
        load = generator.uniform(0.4, 1.1, count)
        return cls.at(machine, load, machine.supply + generator.normal(0, 0.04, count))


@dataclass(frozen=True, eq=False)
class Condition:
    """What is wrong, one a signal; every attribute has shape (n,).

    No machine is perfect: those of other states have a little of each fault as well, but for
    impacts.

    Attributes:
        bars: broken rotor bars; fractions are bars of higher resistance.
        imbalance: amplitude of the vibration at one per turn, g.
        eccentricity: of the air gap, as the amplitude of its lines in the current, relative to
            the fundamental.
        impact: amplitude of a bearing's impacts, g; 0 for a sound one.
        inner: whether the impacts are those of the inner race.
    """

    bars: Array
    imbalance: Array
    eccentricity: Array
    impact: Array
    inner: NDArray[np.bool_]

    @classmethod
    def draw(
        cls, machine: Machine, states: NDArray[np.int64], generator: np.random.Generator
    ) -> Condition:
        """Faults from incipient to grave.

        Args:
            machine: whose residual faults they add to.
            states: (n,) positions in ``STATES``.
            generator: of the severities, which are drawn for all signals whatever their state.
        """
        count = len(states)

        def spread(median: float, deviation: float) -> Array:
            return median * np.exp(generator.normal(0, deviation, count))

        bars = spread(0.12, 0.4) + np.where(
            states == _BROKEN_BAR, generator.uniform(0.8, 3, count), 0
        )
        growth = np.where(states == _UNBALANCE, spread(5, 0.35), 1)
        impact = np.where(states == _BEARING, spread(0.8, 0.6), 0)
        imbalance = spread(machine.imbalance, 0.35) * growth
        eccentricity = spread(0.002, 0.4) * np.sqrt(growth)
        return cls(bars, imbalance, eccentricity, impact, generator.random(count) < 1 / 2)
