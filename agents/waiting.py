"""Says that the work of a stage waits for room on the cluster, and that it goes on."""

from __future__ import annotations

import time
from collections.abc import Callable

from agents import resources
from agents.resources import Need

PATIENCE_S = 60.0
"""Waiting for less is not worth a line: on a busy machine workers take half of that to start."""

LOOK_EVERY_S = 5.0
"""So often the cluster is asked for its nodes, at most."""


class Waiting:
    """Hears, in the driver, whether any of the work runs; Ray itself waits without a word.

    Args:
        stage: begins every line.
        need: of each piece of the work.
        tell: takes a line for people when all of the work waits, and one when it goes on.
        room: whether the nodes that are there could hold a need.
        clock: seconds from any beginning, never falling.
    """

    def __init__(
        self,
        stage: str,
        need: Need,
        tell: Callable[[str], None],
        room: Callable[[Need], bool] = resources.has_room,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._stage, self._need, self._tell = stage, need, tell
        self._room, self._clock = room, clock
        self._since, self._next_look, self._told = clock(), clock(), False
        self.homeless = False
        """Whether no node could hold any of the work when the cluster was asked last."""

    def runs(self) -> None:
        """Some of the work has just been heard of."""
        self._since, self.homeless = self._clock(), False
        if self._told:
            self._told = False
            self._tell(f"{self._stage}: goes on")

    def look(self, *, begun: bool = False) -> None:
        """Nothing has been heard of the work for a moment.

        Args:
            begun: whether some of it had; it runs, then, as long as there is a node for it.
        """
        now = self._clock()
        if now < self._next_look:
            return
        self._next_look = now + LOOK_EVERY_S
        self.homeless = not self._room(self._need)
        if begun and not self.homeless:
            self.runs()
        elif not self._told and now - self._since >= PATIENCE_S:
            self._told = True
            self._tell(f"{self._stage}: waits for {self._asked()}")

    def _asked(self) -> str:
        need, several = self._need, self._need.processes > 1
        asked = f"{need.processes} CPU{'s' if several else ''}"
        if need.gpus:
            asked += f" with {need.gpus:g} GPUs{' each' if several else ''}"
        return f"{asked}, which no node has" if self.homeless else f"a worker with {asked}"
