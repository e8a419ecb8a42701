"""The current of one phase, with the lines that faults leave in it."""

from __future__ import annotations

import numpy as np

from secateur.data.motors.machines import Machine
from secateur.data.motors.operation import Condition, Operation
from secateur.data.motors.waves import Array, Signals, noise, phases, tone

_UPPER = 0.7  # of the lower sideband: what the rotor's inertia lets through
_SHOCK = 0.001  # rated amplitudes of current for impacts of 1 g


def current(
    machine: Machine, operation: Operation, condition: Condition, level: float,
    generator: np.random.Generator,
) -> Signals:  # fmt: skip
    """(n, SAMPLES) in units of the rated amplitude.

    The fundamental f at an amplitude of sqrt(magnetising² + (1 - magnetising²)·load²), the
    supply's harmonics, and

    - sidebands of broken bars at (1 ± 2s)·f and (1 ± 4s)·f, s the slip, see ``asymmetry``;
    - lines of an eccentric air gap at f ± rotation (Thomson & Fenger
      2001, "Current signature analysis to detect induction motor faults");
    - lines of a bearing's impacts, which are beats of the load, at f ± passing rate (Schoen et
      al. 1995, "Motor bearing damage detection using stator current monitoring"), about as weak
      as the noise.

    Args:
        machine: whose current it is.
        operation: how each runs.
        condition: what is wrong with each.
        level: factor of the noise.
        generator: of phases and noise.
    """
    torque = operation.load * np.sqrt(1 - machine.magnetising**2)
    fundamental = np.hypot(machine.magnetising, torque)
    count, supply = len(fundamental), operation.supply
    beginning = phases((count,), generator)
    found = tone(fundamental, supply, beginning)
    for order, share in machine.harmonics.items():
        strength = share * np.exp(generator.normal(0, 0.2, count))
        found += tone(fundamental * strength, order * supply, phases((count,), generator))
    asymmetric = asymmetry(machine, condition.bars)
    lines: list[tuple[Array, Array]] = [
        (asymmetric * torque, 2 * operation.slip * supply),
        (asymmetric**2 * torque, 4 * operation.slip * supply),
        (condition.eccentricity * fundamental, operation.rotation),
        (_SHOCK * condition.impact, passing_rate(machine, operation, condition)),
    ]
    for strength, offset in lines:
        below, above = phases((2, count), generator)
        found += tone(strength, supply - offset, below)
        found += tone(_UPPER * strength, supply + offset, above)
    return found + noise(count, level * machine.current_noise, generator)


def asymmetry(machine: Machine, bars: Array) -> Array:
    """Amplitude of the lower sideband at (1 - 2s)·f relative to the rotor's share of the current.

    sin(a) / (2·p·(2π - a)) with a = 2π·p·n / R for n broken of R bars and p pole pairs: Hargis
    et al. 1982, "The detection of rotor defects in induction motors".
    """
    angle = 2 * np.pi * machine.pole_pairs * bars / machine.rotor_bars
    ratio: Array = np.sin(angle) / (2 * machine.pole_pairs * (2 * np.pi - angle))
    return ratio


def passing_rate(machine: Machine, operation: Operation, condition: Condition) -> Array:
    """(n,) impacts a second of a bearing with a damaged inner or outer race."""
    bearing = machine.bearing
    return operation.rotation * np.where(condition.inner, bearing.inner, bearing.outer)
