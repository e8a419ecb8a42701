"""The machines that are simulated: what is bolted together, as frozen records."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType


@dataclass(frozen=True)
class Bearing:
    """A rolling-element bearing with a fixed outer race.

    Passing rates are those of Randall & Antoni 2011, "Rolling element bearing diagnostics -
    a tutorial", equations 1 and 2, without slip.

    Attributes:
        balls: rolling elements.
        ratio: diameter of a ball over that of the pitch circle, in (0, 1).
        contact_angle: in degrees.
    """

    balls: int
    ratio: float
    contact_angle: float = 0.0

    @property
    def outer(self) -> float:
        """Balls that pass a spot of the outer race in one turn of the shaft (BPFO)."""
        return self.balls / 2 * (1 - self._projected)

    @property
    def inner(self) -> float:
        """Balls that pass a spot of the inner race in one turn of the shaft (BPFI)."""
        return self.balls / 2 * (1 + self._projected)

    @property
    def _projected(self) -> float:
        return self.ratio * math.cos(math.radians(self.contact_angle))


@dataclass(frozen=True)
class Machine:
    """An induction motor on its foundation, with its sensors; another machine is another record.

    Currents are in units of the rated amplitude, accelerations in g.

    Attributes:
        supply: nominal frequency of the mains, Hz.
        pole_pairs: of the stator.
        rated_slip: at full load, the share by which the rotor lags the field.
        rotor_bars: of the cage.
        magnetising: amplitude of the current without load.
        harmonics: amplitude of the supply's harmonics by order, relative to the fundamental.
        bearing: at the drive end.
        resonance: natural frequency of the housing that impacts excite, Hz, below 1,024.
        damping: ratio of that mode, in (0, 1).
        hum: amplitude of the vibration at twice the supply, the pull of the field on the stator.
        imbalance: median amplitude of the vibration at one per turn of a well balanced rotor.
        misalignment: median amplitude at two per turn.
        turbulence: deviation of the noise that drives the housing, of the load.
        current_noise: deviation of white noise of the current's sensor.
        vibration_noise: deviation of white noise of the accelerometer.
    """

    supply: float = 50.0
    pole_pairs: int = 2
    rated_slip: float = 0.04
    rotor_bars: int = 28
    magnetising: float = 0.4
    harmonics: Mapping[int, float] = field(
        default_factory=lambda: MappingProxyType({3: 0.006, 5: 0.02, 7: 0.012, 11: 0.005})
    )
    bearing: Bearing = Bearing(balls=9, ratio=7.94 / 39.04)
    resonance: float = 620.0
    damping: float = 0.05
    hum: float = 0.05
    imbalance: float = 0.06
    misalignment: float = 0.03
    turbulence: float = 0.05
    current_noise: float = 0.01
    vibration_noise: float = 0.05


FAN = Machine()
"""Four poles and a bearing of size 6205."""

PUMP = Machine(
    rated_slip=0.05,
    rotor_bars=34,
    magnetising=0.5,
    harmonics=MappingProxyType({3: 0.015, 5: 0.012, 7: 0.016, 11: 0.003}),
    bearing=Bearing(balls=8, ratio=6.75 / 28.5),
    resonance=480.0,
    damping=0.08,
    hum=0.08,
    imbalance=0.09,
    misalignment=0.06,
    turbulence=0.08,
)
"""Four poles too, a bearing of size 6203, a softer housing and a rougher load."""

MACHINES: Mapping[str, Machine] = MappingProxyType({"fan": FAN, "pump": PUMP})
"""By the names that specs call them."""
