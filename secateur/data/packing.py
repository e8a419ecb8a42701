"""Packings of discs and ellipses in a square without borders, many squares at a time.

Random sequential addition (Widom, "Random sequential addition of hard spheres to a volume",
1966): inclusions come one after the other, the largest first, each to a random place that
overlaps none before it. The square is periodic: what leaves it on one side enters on the
other, so that its area is that of the inclusions and no border is different.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from secateur.errors import DataError

Floats = NDArray[np.float32]

# An ellipse is kept apart from others by circles inscribed along its longer axis; with five,
# none of its outline up to an aspect of 2.5 is further than 3 % of the shorter axis from them.
_LINKS = 5
# Misses of one inclusion after which its square is begun again, and squares' beginnings in all.
_PATIENCE = 400
_BEGINNINGS = 200


@dataclass(frozen=True, eq=False)
class Inclusions:
    """Ellipses in squares; all arrays are (squares, inclusions), in pixels and radians.

    Attributes:
        x: of the centres, across, in [0, side).
        y: of the centres, down, in [0, side).
        long: longer half axes; those of a disc are equal.
        short: shorter half axes.
        angle: of the longer axis against the first of the image.
        present: which of them exist; squares hold different numbers.
    """

    x: Floats
    y: Floats
    long: Floats
    short: Floats
    angle: Floats
    present: NDArray[np.bool_]


def scatter(inclusions: Inclusions, side: int, generator: np.random.Generator) -> Inclusions:
    """Put every inclusion at a random place, whatever is there already."""
    x, y = generator.uniform(0, side, (2, *inclusions.long.shape)).astype(np.float32)
    return replace(inclusions, x=x, y=y)


def overlaps(inclusions: Inclusions, side: int, margin: float) -> NDArray[np.float32]:
    """How deep inclusions are in each other, (squares, inclusions, inclusions).

    In shorter half axes of the slimmer of two, 0 or less where they are apart; minus infinity
    for one and itself, and for centres nearer than ``margin`` to the sides of the square.
    """
    chains = _Chains.of(inclusions)
    x = inclusions.x[..., None] + chains.along
    y = inclusions.y[..., None] + chains.across
    across = _apart(x[:, :, None, :, None] - x[:, None, :, None, :], side)
    down = _apart(y[:, :, None, :, None] - y[:, None, :, None, :], side)
    radius = chains.radius
    reach = radius[:, :, None, :, None] + radius[:, None, :, None, :]
    short = inclusions.short
    depth = (reach - np.hypot(across, down)).max(axis=(3, 4))
    depth /= np.minimum(short[:, :, None], short[:, None, :])
    seen = inclusions.present & _within(inclusions.x, side, margin)
    seen &= _within(inclusions.y, side, margin)
    pairs = seen[:, :, None] & seen[:, None, :] & ~np.eye(short.shape[1], dtype=np.bool_)
    return np.where(pairs, depth, -np.inf).astype(np.float32)


def pack(
    inclusions: Inclusions, side: int, gap: float, generator: np.random.Generator
) -> Inclusions:
    """Put every inclusion at a random place that keeps ``gap`` pixels from all others.

    Raises:
        DataError: they do not fit; random places fill about half of the area at most.
    """
    chains = _Chains.of(inclusions)
    state = _State.empty(inclusions)
    active = np.flatnonzero(state.wanted > 0)
    while active.size:
        turn = state.placed[active]
        place = generator.uniform(0, side, (2, active.size)).astype(np.float32)
        free = chains.free(active, turn, place, side, gap)
        chains.put(active[free], turn[free], place[:, free])
        state.x[active[free], turn[free]], state.y[active[free], turn[free]] = place[:, free]
        state.count(active, free)
        active = active[state.placed[active] < state.wanted[active]]
    return replace(inclusions, x=state.x, y=state.y)


@dataclass(frozen=True, eq=False)
class _State:
    """How far each square is: (squares,), and the places so far, (squares, inclusions)."""

    wanted: NDArray[np.int64]
    placed: NDArray[np.int64]
    misses: NDArray[np.int64]
    begun: NDArray[np.int64]
    x: Floats
    y: Floats

    @classmethod
    def empty(cls, inclusions: Inclusions) -> _State:
        wanted = inclusions.present.sum(axis=1)
        placed, misses, begun = np.zeros((3, len(wanted)), np.int64)
        nowhere = np.zeros((2, *inclusions.x.shape), np.float32)
        return cls(wanted, placed, misses, begun, nowhere[0], nowhere[1])

    def count(self, active: NDArray[np.int64], free: NDArray[np.bool_]) -> None:
        """Go on to the next inclusion after a hit; begin again after too many misses."""
        self.placed[active] += free
        self.misses[active] = np.where(free, 0, self.misses[active] + 1)
        stuck = active[self.misses[active] > _PATIENCE]
        self.placed[stuck] = self.misses[stuck] = 0
        self.begun[stuck] += 1
        if self.begun.max() > _BEGINNINGS:
            raise DataError(
                f"no place for {self.wanted[self.begun.argmax()]} inclusions in one image, begun "
                f"{_BEGINNINGS} times; expected a smaller data.volume_fraction or data.radius"
            )


@dataclass(frozen=True, eq=False)
class _Chains:
    """Inclusions as chains of circles (squares, inclusions, links), as far as they are placed."""

    along: Floats
    across: Floats
    radius: Floats
    x: Floats
    y: Floats

    @classmethod
    def of(cls, inclusions: Inclusions) -> _Chains:
        long, short = inclusions.long[..., None], inclusions.short[..., None]
        slim = long**2 - short**2
        links = _LINKS if slim.any() else 1
        steps = np.linspace(-1, 1, links) if links > 1 else np.zeros(1)
        # The circle about t on the longer axis that touches the outline from within.
        offset: Floats = (steps * slim / long).astype(np.float32)
        share = np.divide(offset**2, slim, out=np.zeros_like(offset), where=slim > 0)
        radius = short * np.sqrt(1 - share)
        angle = inclusions.angle[..., None]
        empty = np.zeros((2, *radius.shape), np.float32)
        return cls(offset * np.cos(angle), offset * np.sin(angle), radius, empty[0], empty[1])

    def free(
        self,
        squares: NDArray[np.int64],
        turn: NDArray[np.int64],
        place: Floats,
        side: int,
        gap: float,
    ) -> NDArray[np.bool_]:
        """Whether inclusion ``turn`` of each square overlaps none before it at ``place``."""
        latest = int(turn.max())
        if not latest:
            return np.ones(len(squares), dtype=np.bool_)
        x = place[0][:, None] + self.along[squares, turn]
        y = place[1][:, None] + self.across[squares, turn]
        across = _apart(x[:, :, None, None] - self.x[squares, None, :latest], side)
        down = _apart(y[:, :, None, None] - self.y[squares, None, :latest], side)
        least = self.radius[squares, turn][:, :, None, None] + self.radius[squares, None, :latest]
        close = across**2 + down**2 < (least + gap) ** 2
        before = np.arange(latest) < turn[:, None]
        taken: NDArray[np.bool_] = np.any(close.any(axis=(1, 3)) & before, axis=1)
        return ~taken

    def put(self, squares: NDArray[np.int64], turn: NDArray[np.int64], place: Floats) -> None:
        """Keep the places of inclusions that have found theirs."""
        self.x[squares, turn] = place[0][:, None] + self.along[squares, turn]
        self.y[squares, turn] = place[1][:, None] + self.across[squares, turn]


def _within(places: Floats, side: int, margin: float) -> NDArray[np.bool_]:
    return (places >= margin) & (places <= side - margin)


def _apart(difference: Floats, side: int) -> Floats:
    """The shorter way from one to the other around the square, with its sign."""
    shorter: Floats = difference - side * np.rint(difference / side)
    return shorter
