"""Plans pruning episodes: many are imagined, a reward model picks the one to evaluate.

What an action does to a network is known in closed form and costs microseconds; what the
pruned network is worth costs a forward pass over many images.  So every episode is the most
promising of many that the actor, or changes to the best episodes so far, would play: the
Wolpertinger policy (Dulac-Arnold et al. 2015) over whole episodes, with planning in a known
model (Sutton 1991, "Dyna").
"""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from agents.actions import Actions, Floats
from agents.ddpg.noise import UNIFORM_SIGMA, truncated_normal
from agents.ddpg.planner import Outlook, Script
from agents.embedding import Embedding
from agents.problem import PruningProblem
from agents.reward_model import RewardModel
from secateur.compression.groups import IntArray

LEAST = 6
"""Episodes that a reward model is learned from."""

ELITE = 20
"""Best episodes, changes to which are imagined."""

CHANGED = (0.15, 0.3, 0.6, 1.0)
"""Shares of an episode's actions that a change may touch, all as likely."""

ACTOR, RANDOM = 1 / 32, 0.4
"""Shares of the imagined episodes that the noisy actor and chance play; the rest changes
the best episodes."""

CENTRED_SIGMA = 0.25
"""Width of the warm-up's noise around known policies."""


class RankedEpisodes:
    """The planner of the DDPG agent; see ``agents.ddpg.planner.Planner``.

    The warm-up plays given policies first, then in turn noise around them and uniform
    actions.

    Args:
        problem: what is pruned.
        actions: how the environment reads actions.
        embedding: what it shows the actor.
        imagined: episodes that are ranked for each that is evaluated, at least 1.
        known: policies to begin with, their widths.
    """

    def __init__(
        self,
        problem: PruningProblem,
        actions: Actions,
        embedding: Embedding,
        imagined: int,
        known: tuple[tuple[int, ...], ...],
    ) -> None:
        self._actions, self._embedding, self._imagined = actions, embedding, imagined
        self._groups = len(problem.groups)
        self._known = [actions_for(actions, widths) for widths in known]
        self._model = RewardModel(problem.dense_widths)
        self._scripts: list[Floats] = []
        self._widths: list[tuple[int, ...]] = []
        self._rewards: list[float] = []

    def plan(self, outlook: Outlook, count: int) -> list[Script]:
        """Scripts for ``count`` episodes, shape (groups, 1) each."""
        if outlook.sigma >= UNIFORM_SIGMA or len(self._scripts) < LEAST:
            first = outlook.episodes
            chosen = [self._warm(first + place, outlook) for place in range(count)]
        else:
            chosen = self._ranked(outlook, count)
        return [script.astype(np.float32)[:, None] for script in chosen]

    def record(self, actions: Script, reward: float, info: dict[str, Any]) -> None:
        """Remember an episode."""
        self._scripts.append(actions[:, 0].astype(np.float64))
        self._widths.append(tuple(info["widths"]))
        self._rewards.append(reward)

    def get_state(self) -> dict[str, Any]:
        """All episodes, and the reward model."""
        return {
            "scripts": np.array(self._scripts),
            "widths": list(self._widths),
            "rewards": list(self._rewards),
            "model": self._model.get_state(),
        }

    def set_state(self, state: dict[str, Any]) -> None:
        """Take over what ``get_state`` returned."""
        self._scripts = list(state["scripts"])
        self._widths = [tuple(widths) for widths in state["widths"]]
        self._rewards = list(state["rewards"])
        self._model.set_state(state["model"])

    def _warm(self, episode: int, outlook: Outlook) -> Floats:
        if episode < len(self._known):
            return self._known[episode]
        if outlook.sigma < UNIFORM_SIGMA:
            # Too little is known and yet no warm-up: the actor was carried over.
            greedy, noisy = self._by_actor(outlook, 2)
            return np.asarray(greedy if episode == len(self._known) else noisy)
        rng = outlook.rng
        if self._known and episode % 2:
            around = self._known[episode // 2 % len(self._known)]
            noise = CENTRED_SIGMA * rng.normal(size=self._groups)
            return np.asarray(np.clip(around + noise, 0, 1))
        return np.asarray(rng.random(self._groups))

    def _ranked(self, outlook: Outlook, count: int) -> list[Floats]:
        self._model.fit(np.array(self._widths), np.array(self._rewards))
        scripts = self._imagine(outlook)
        widths = self.play(scripts)
        seen = set(self._widths)
        chosen: list[Floats] = []
        for place in np.argsort(-self._model.expected_improvement(widths), kind="stable"):
            policy = tuple(widths[place].tolist())
            if policy not in seen:
                seen.add(policy)
                chosen.append(scripts[place])
            if len(chosen) == count:
                break
        return chosen

    def _imagine(self, outlook: Outlook) -> Floats:
        """Actions of many episodes, shape (imagined, groups)."""
        by_actor = max(1, round(ACTOR * self._imagined))
        by_chance = round(RANDOM * self._imagined)
        changed = max(0, self._imagined - by_actor - by_chance)
        return np.concatenate(
            [
                self._by_actor(outlook, by_actor),
                outlook.rng.random((by_chance, self._groups)),
                self._changed(outlook, changed),
            ]
        )

    def _changed(self, outlook: Outlook, count: int) -> Floats:
        """The best episodes with noise on some of their actions."""
        rng, shape = outlook.rng, (count, self._groups)
        best = np.argsort(np.array(self._rewards), kind="stable")[::-1][:ELITE]
        base = np.array(self._scripts)[rng.choice(best, count)]
        touched = rng.random(shape) < rng.choice(CHANGED, (count, 1))
        noisy: Floats = np.clip(base + touched * outlook.sigma * rng.normal(size=shape), 0, 1)
        return noisy

    def _by_actor(self, outlook: Outlook, count: int) -> Floats:
        """Episodes of the noisy actor; the first is greedy."""
        widths = np.zeros((count, 0), dtype=np.int64)
        scripts = np.zeros((count, self._groups))
        for place in range(self._groups):
            mean = torch.as_tensor(outlook.policy(self._embedding.observe_all(widths)))
            uniform = torch.as_tensor(outlook.rng.random(mean.shape))
            noisy = truncated_normal(mean, outlook.sigma, uniform)
            noisy[0] = mean[0]
            scripts[:, place] = noisy[:, 0].numpy()
            widths = self._step(widths, scripts[:, place])
        return scripts

    def play(self, scripts: Floats) -> IntArray:
        """Widths of whole episodes, shape (episodes, groups), without evaluating them."""
        widths = np.zeros((len(scripts), 0), dtype=np.int64)
        for actions in scripts.T:
            widths = self._step(widths, actions)
        return widths

    def _step(self, widths: IntArray, actions: Floats) -> IntArray:
        return np.column_stack([widths, self._actions.widths(widths, actions)])


def actions_for(actions: Actions, widths: tuple[int, ...], grid: int = 257) -> NDArray[np.float64]:
    """Actions in [0, 1] that lead to given widths, or as near as a grid of actions comes.

    Args:
        actions: how actions are read.
        widths: of every group; within the target.
        grid: actions tried a group.
    """
    tried = np.linspace(0, 1, grid)
    chosen = []
    for place, width in enumerate(widths):
        decided = np.tile(np.array(widths[:place], dtype=np.int64), (grid, 1))
        misses = np.abs(actions.widths(decided, tried) - width)
        # The middle of the actions that do: noise then least changes what they lead to.
        hits = np.flatnonzero(misses == misses.min())
        chosen.append(tried[hits[len(hits) // 2]])
    return np.array(chosen)
