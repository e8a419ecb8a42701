"""The episodes of a run, kept on disk: an interrupted run is answered from them.

An agent that is a function of its seed and its rewards needs no checkpoint: begun again, it
proposes the same policies, and those that were evaluated before cost nothing.
"""

from __future__ import annotations

import os
from pathlib import Path

from pydantic import TypeAdapter

from agents.environment import Evaluate
from agents.problem import PruningProblem
from secateur.errors import StageError
from secateur.records import Episode
from secateur.scratch import whole

EPISODES = "episodes.json"
"""Name of the file in the folder of a run."""

_LIST = TypeAdapter(list[Episode])


def read_episodes(file: Path) -> list[Episode]:
    """What ``write_episodes`` wrote, or nothing where there is no file."""
    return _LIST.validate_json(file.read_bytes()) if file.exists() else []


def write_episodes(file: Path, episodes: list[Episode]) -> None:
    """Keep episodes in a file, whole or not at all."""
    file.parent.mkdir(parents=True, exist_ok=True)
    with whole(file) as partial, partial.open("wb") as stream:
        stream.write(_LIST.dump_json(episodes))
        stream.flush()
        os.fsync(stream.fileno())


class Journal:
    """Evaluates one policy after the other, from memory as far as the memory goes.

    Args:
        problem: what is to be pruned.
        evaluate: reward of a complete policy, given its widths.
        state: folder of the run.
    """

    def __init__(self, problem: PruningProblem, evaluate: Evaluate, state: Path) -> None:
        self._problem, self._evaluate = problem, evaluate
        self._file = state / EPISODES
        self._known = read_episodes(self._file)
        self.episodes: list[Episode] = []
        """Those that were asked for so far."""

    def __call__(self, widths: tuple[int, ...]) -> float:
        """The reward of the next episode, as ``evaluate`` gives it."""
        return self.play(widths).reward

    def play(self, widths: tuple[int, ...]) -> Episode:
        """The next episode; on disk when this returns.

        Raises:
            StageError: the run in this folder chose other widths at this place.
        """
        number = len(self.episodes)
        if number == len(self._known):
            self._known.append(self._measured(number, widths))
            write_episodes(self._file, self._known)
        if self._known[number].widths != widths:
            raise StageError(
                f"{self._file}: episode {number} has widths {list(self._known[number].widths)}, "
                f"not {list(widths)}; expected the record of this very run, remove the folder"
            )
        self.episodes.append(self._known[number])
        return self.episodes[-1]

    def _measured(self, number: int, widths: tuple[int, ...]) -> Episode:
        flops = int(self._problem.cost.flops(widths))
        return Episode(number=number, widths=widths, reward=self._evaluate(widths), flops=flops)
