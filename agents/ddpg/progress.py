"""Where a run stands: its counters and the reward baseline."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass
class Progress:
    """Counters of a run, all that its noise and random streams depend on.

    Attributes:
        entropy: seed of all random streams, >= 0.
        rounds: rounds of sampling done.
        episodes: episodes done.
        baseline: b, exponential moving average of episode rewards; None before the first.
    """

    entropy: int
    rounds: int = 0
    episodes: int = 0
    baseline: float | None = None

    def record(self, rewards: list[float], decay: float) -> None:
        """Count a round and move the baseline towards its rewards.

        b <- decay b + (1 - decay) R for each reward in turn, from b = the first one ever.

        Args:
            rewards: final reward of each episode of the round.
            decay: weight of the past, in [0, 1].
        """
        self.rounds += 1
        self.episodes += len(rewards)
        for reward in rewards:
            before = reward if self.baseline is None else self.baseline
            self.baseline = decay * before + (1.0 - decay) * reward
