"""An artificial bee colony over policies (ABCPruner).

Source: M. Lin et al., "Channel pruning via automatic structure search", IJCAI 2020,
algorithm 1.  That paper takes a policy's fitness after two epochs of training; here it is
the reward that all agents share.
"""

from __future__ import annotations

from collections.abc import Generator, Sequence
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from agents.policies import Proposals, Wanted, policy_search
from agents.problem import PruningProblem
from secateur.records import Episode
from secateur.spec import BeeColonySpec

T = TypeVar("T")
_Step = Generator[Wanted, Episode, T]


@dataclass
class Source:
    """A policy that the colony keeps.

    Attributes:
        wanted: the policy's actions.
        reward: what it is worth.
        trials: neighbours since it was found, none of them better.
    """

    wanted: Wanted
    reward: float
    trials: int = 0


def proposals(spec: BeeColonySpec, problem: PruningProblem, seed: int) -> Proposals:
    """Random sources at first, then employed bees, onlookers and scouts in turn."""
    generator = np.random.default_rng(seed)
    groups, count = len(problem.groups), range(spec.sources)
    sources: list[Source] = []
    while len(sources) < spec.sources:
        sources.append((yield from found(generator.random(groups))))
    while True:
        for place in count:
            yield from visit(sources, place, spec.changes, generator)
        for place in count:
            if generator.random() < onlooker_chances([s.reward for s in sources])[place]:
                yield from visit(sources, place, spec.changes, generator)
        for place in count:
            if sources[place].trials >= spec.limit:
                sources[place] = yield from found(generator.random(groups))


def neighbour(ours: Wanted, theirs: Wanted, steps: Wanted) -> Wanted:
    """A policy on the line through two others, held to [0, 1].

    Args:
        ours: where the bee starts, shape [groups].
        theirs: of another source.
        steps: share of the difference to go, in [-1, 1], a group; 0 where nothing changes.
    """
    return np.clip(ours + steps * (ours - theirs), 0.0, 1.0)


def onlooker_chances(rewards: Sequence[float]) -> NDArray[np.float64]:
    """How likely each source attracts an onlooker: 0.9 r / max(r) + 0.1, in [0.1, 1].

    Where no reward is positive all are as attractive as the best.
    """
    best = max(rewards)
    if best <= 0:
        return np.ones(len(rewards))
    return 0.9 * np.clip(np.asarray(rewards) / best, 0, 1) + 0.1


def found(wanted: Wanted) -> _Step[Source]:
    """Have a policy evaluated."""
    episode = yield wanted
    return Source(wanted, episode.reward)


def visit(
    sources: list[Source], place: int, changes: int, generator: np.random.Generator
) -> _Step[None]:
    """Try a neighbour of one source, and move there if it is better.

    Args:
        sources: two or more; changed in place.
        place: of the source in ``sources``.
        changes: groups in which the neighbour differs, at most.
        generator: draws the other source, the groups and the steps.
    """
    source = sources[place]
    other = sources[(place + generator.integers(1, len(sources))) % len(sources)]
    steps = np.zeros(len(source.wanted))
    changed = generator.choice(len(steps), min(changes, len(steps)), replace=False)
    steps[changed] = generator.uniform(-1, 1, len(changed))
    new = yield from found(neighbour(source.wanted, other.wanted, steps))
    if new.reward > source.reward:
        sources[place] = new
    else:
        source.trials += 1


episodes = policy_search(proposals)
