"""Measured seconds of motors: current and vibration, of any machine in any state."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from secateur.data.motors.current import current
from secateur.data.motors.machines import Machine
from secateur.data.motors.operation import Condition, Operation
from secateur.data.motors.vibration import vibration
from secateur.data.motors.waves import Signals

CHANNELS = ("current", "vibration")

_CHUNK = 500
"""Signals at once: some 50 MB while they are made."""


def simulate(
    machine: Machine,
    states: NDArray[np.int64],
    generator: np.random.Generator,
    noise: float = 1.0,
) -> Signals:
    """One second of each, with loads, severities, phases and noise drawn anew.

    Args:
        machine: what is measured.
        states: (n,) positions in ``STATES``.
        generator: of all that is drawn.
        noise: factor of all noise, that of the sensors and that of the load.

    Returns:
        float32 (n, channels, samples): current in units of the rated amplitude, vibration in g;
        2,048 samples a second.
    """
    chunks = np.split(states, range(_CHUNK, len(states), _CHUNK))
    return np.concatenate([_simulated(machine, chunk, generator, noise) for chunk in chunks])


def measured(
    machine: Machine,
    operation: Operation,
    condition: Condition,
    generator: np.random.Generator,
    noise: float = 1.0,
) -> Signals:
    """As ``simulate``, for given working points and faults."""
    made = (
        sensor(machine, operation, condition, noise, generator) for sensor in (current, vibration)
    )
    return np.stack(tuple(made), axis=1)


def _simulated(
    machine: Machine, states: NDArray[np.int64], generator: np.random.Generator, noise: float
) -> Signals:
    operation = Operation.draw(machine, len(states), generator)
    condition = Condition.draw(machine, states, generator)
    return measured(machine, operation, condition, generator, noise)
