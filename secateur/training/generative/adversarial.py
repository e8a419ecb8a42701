"""Generative adversarial training (Goodfellow et al. 2014)."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

from secateur.training.generative import constraints
from secateur.training.generative.losses import GAMES
from secateur.training.generative.setting import Losses, Setting, descend

Further = Callable[[Tensor, Tensor], Tensor]
"""Of noise (n, latent, 1, 1) and the images made of it, with their gradient: a scalar."""


class Adversarial:
    """A critic learns to tell images from real ones, and a generator to pass.

    Args:
        setting: of the training; its model has a critic.
        further: what the generator is to minimise besides, if anything.
    """

    def __init__(self, setting: Setting, further: Further | None = None) -> None:
        model, recipe = setting.model, setting.recipe
        assert model.critic is not None, model.architecture.name
        self._setting, self._generator, self._critic = setting, model.trained, model.critic
        self._further = further
        self._game, self._constraint = GAMES[recipe.loss], constraints.of(recipe)
        self._generators = setting.optimizer(model.trained)
        self._critics = setting.optimizer(model.critic, rate=recipe.critic_rate)
        self.optimizers = (self._generators, self._critics)

    def step(self) -> Losses:
        """``critic_steps`` steps of the critic, and one of the generator."""
        for _ in range(self._setting.recipe.critic_steps - 1):
            real = self._setting.draw()
            with torch.no_grad():
                fakes = self._make(self._noise(len(real)))
            self._teach_critic(real, fakes)
        # What the critic sees last is what the generator learns from: one pass less.
        real = self._setting.draw()
        noise = self._noise(len(real))
        fakes = self._make(noise)
        critic = self._teach_critic(real, fakes.detach())
        return {"critic": critic, **self._teach_generator(noise, fakes)}

    def _noise(self, count: int) -> Tensor:
        latent = self._generator.latent
        assert isinstance(latent, int), latent
        return self._setting.normal(count, latent, 1, 1)

    def _make(self, noise: Tensor) -> Tensor:
        with self._setting.precision():
            images: Tensor = self._generator(noise)
        return images.float()

    def _teach_critic(self, real: Tensor, fakes: Tensor) -> Tensor:
        recipe = self._setting.recipe
        with self._setting.precision():
            logits = self._critic(real), self._critic(fakes)
            penalty = self._constraint.penalty(self._critic, real, fakes, self._setting.random)
        loss = self._game.critic(logits[0].float(), logits[1].float(), recipe.label_smoothing)
        learned = descend(loss + penalty, self._critics)
        self._constraint.confine(self._critic)
        return learned

    def _teach_generator(self, noise: Tensor, fakes: Tensor) -> Losses:
        # Gradients of the critic's own weights would be a third of its backward pass.
        self._critic.requires_grad_(False)
        with self._setting.precision():
            logits = self._critic(fakes)
        losses = {"generator": self._game.generator(logits.float())}
        if self._further is not None:
            losses["further"] = self._further(noise, fakes)
        descend(torch.stack(list(losses.values())).sum(), self._generators)
        self._critic.requires_grad_(True)
        return {name: loss.detach() for name, loss in losses.items()}
