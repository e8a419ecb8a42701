"""The acceleration of the housing at the drive end."""

from __future__ import annotations

import numpy as np

from secateur.data.motors.current import passing_rate
from secateur.data.motors.machines import Machine
from secateur.data.motors.operation import Condition, Operation
from secateur.data.motors.waves import RATE, Signals, impacts, noise, phases, ringing, tone

_JITTER = 0.01  # of intervals between impacts: balls slip by 1 to 2 % (Randall & Antoni 2011)
_BEAT = 0.01  # g, of the torque of a rotor with one broken bar at full load


def vibration(
    machine: Machine, operation: Operation, condition: Condition, level: float,
    generator: np.random.Generator,
) -> Signals:  # fmt: skip
    """(n, SAMPLES) in g.

    Imbalance turns with the shaft, one line at the rotation, which grows with its square;
    misalignment adds one at twice the rotation, the field one at twice the supply. Broken bars
    make the torque beat: lines at the rotation ± 2·slip·supply. A damaged race is hit by every
    ball that passes it and rings the housing, an inner one weaker while it is out of the load
    zone. The load drives the same mode by noise.

    Args:
        machine: what vibrates.
        operation: how each runs.
        condition: what is wrong with each.
        level: factor of the noise.
        generator: of phases, times and noise.
    """
    count, rotation = len(operation.load), operation.rotation
    pace = (rotation * machine.pole_pairs / machine.supply) ** 2
    beat = 2 * operation.slip * operation.supply
    spread = np.exp(generator.normal(0, 0.35, (2, count)))
    torque = _BEAT * condition.bars * operation.load
    lines = [
        (condition.imbalance * pace, rotation),
        (machine.misalignment * spread[0], 2 * rotation),
        (machine.hum * spread[1], 2 * operation.supply),
        (torque, rotation - beat),
        (torque, rotation + beat),
    ]
    found = noise(count, level * machine.vibration_noise, generator)
    for amplitude, frequency in lines:
        found += tone(amplitude, frequency, phases((count,), generator))
    return found + ringing(machine, _force(machine, operation, condition, level, generator))


def _force(
    machine: Machine, operation: Operation, condition: Condition, level: float,
    generator: np.random.Generator,
) -> Signals:  # fmt: skip
    """What excites the housing: noise of the load, and impacts."""
    count = len(operation.load)
    rough = level * machine.turbulence * np.exp(generator.normal(0, 0.3, count))
    # Scaled so that its deviation at the sensor is that of the noise, not of the mode.
    gain = np.sqrt(4 * machine.damping * 2 * np.pi * machine.resonance / RATE)
    force = noise(count, rough * gain, generator)
    load_zone = (1 + tone(np.ones(count), operation.rotation, phases((count,), generator))) / 2
    zone = np.where(condition.inner[:, None], load_zone, np.float32(1))
    weight = (zone * condition.impact[:, None]).astype(np.float32)
    rate = passing_rate(machine, operation, condition)
    return force + impacts(rate, weight, _JITTER, generator)
