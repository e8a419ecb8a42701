"""How wide to explore, as a pure function of the number of episodes done."""

from __future__ import annotations

from dataclasses import dataclass

from agents.ddpg.noise import UNIFORM_SIGMA
from secateur.errors import SpecError


@dataclass(frozen=True)
class NoiseSchedule:
    """Uniform warm-up, then constant noise, then exponential decay.

    He et al. 2018 keep sigma 0.5 for 100 episodes and decay it exponentially over 300; the
    uniform warm-up is what their reference implementation does in its first episodes.

    Attributes:
        sigma: width of the constant phase, > 0, as a share of the action range.
        sigma_final: width after the decay, in (0, sigma].
        warmup_episodes: episodes with uniform actions, >= 0.
        constant_episodes: episodes at ``sigma`` after the warm-up, >= 0.
        decay_episodes: episodes from ``sigma`` down to ``sigma_final``, >= 0.

    Raises:
        SpecError: a value outside these ranges.
    """

    sigma: float = 0.5
    sigma_final: float = 0.01
    warmup_episodes: int = 0
    constant_episodes: int = 100
    decay_episodes: int = 300

    def __post_init__(self) -> None:
        if not 0.0 < self.sigma <= UNIFORM_SIGMA:
            raise SpecError("sigma", self.sigma, f"a number in (0, {UNIFORM_SIGMA:g}]")
        if not 0.0 < self.sigma_final <= self.sigma:
            raise SpecError("sigma_final", self.sigma_final, f"a number in (0, {self.sigma}]")
        for name in ("warmup_episodes", "constant_episodes", "decay_episodes"):
            if getattr(self, name) < 0:
                raise SpecError(name, getattr(self, name), "an integer >= 0")

    def sigma_at(self, episode: int) -> float:
        """Width of the noise for an episode.

        Args:
            episode: how many episodes were done before it, >= 0.

        Returns:
            ``UNIFORM_SIGMA`` in the warm-up, then ``sigma``, then
            ``sigma * (sigma_final / sigma) ** (decayed / decay_episodes)``.
        """
        after_warmup = episode - self.warmup_episodes
        if after_warmup < 0:
            return UNIFORM_SIGMA
        decayed = after_warmup - self.constant_episodes
        if decayed < 0:
            return self.sigma
        if decayed >= self.decay_episodes:
            return self.sigma_final
        return float(
            self.sigma * (self.sigma_final / self.sigma) ** (decayed / self.decay_episodes)
        )
