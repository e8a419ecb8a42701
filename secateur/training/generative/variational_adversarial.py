"""Autoencoding beyond pixels with a learned measure of likeness (Larsen et al. 2016)."""

from __future__ import annotations

import torch
from torch import Tensor

from secateur.training.generative import constraints
from secateur.training.generative.losses import GAMES
from secateur.training.generative.setting import Losses, Setting, descend
from secateur.training.generative.variational import divergence, drawn


class VariationalAdversarial:
    """A VAE that rebuilds a critic's features instead of pixels, and plays against the critic.

    The critic is to reject what is rebuilt and what is made of fresh noise. The generator is
    to make it accept the latter, so that the encoder, as in the paper, learns from features
    and divergence alone. Both errors are means over a feature: the paper's weight gamma is 1
    over their number.
    """

    def __init__(self, setting: Setting) -> None:
        model, recipe = setting.model, setting.recipe
        assert model.encoder is not None, model.architecture.name
        assert model.critic is not None, model.architecture.name
        self._setting, self._generator = setting, model.trained
        self._encoder, self._critic = model.encoder, model.critic
        self._game, self._constraint = GAMES[recipe.loss], constraints.of(recipe)
        self._autoencoder = setting.optimizer(model.encoder, model.trained)
        self._critics = setting.optimizer(model.critic, rate=recipe.critic_rate)
        self.optimizers = (self._autoencoder, self._critics)

    def step(self) -> Losses:
        """``critic_steps`` steps of the critic, and one of encoder and generator."""
        for _ in range(self._setting.recipe.critic_steps - 1):
            real = self._setting.draw()
            with torch.no_grad():
                fakes, _ = self._make(real)
            self._teach_critic(real, fakes)
        real = self._setting.draw()
        fakes, nats = self._make(real)
        critic = self._teach_critic(real, fakes.detach())
        return {"critic": critic, **self._teach_autoencoder(real, fakes, nats)}

    def _make(self, real: Tensor) -> tuple[Tensor, Tensor]:
        """Images rebuilt, behind them as many made of fresh noise, and the divergence."""
        setting = self._setting
        with setting.precision():
            mean, spread = self._encoder(real).float().chunk(2, dim=1)
            rebuilt = drawn(mean, spread, setting.normal(*mean.shape))
            noise = torch.cat([rebuilt, setting.normal(*rebuilt.shape)])
            return self._generator(noise).float(), divergence(mean, spread)

    def _teach_critic(self, real: Tensor, fakes: Tensor) -> Tensor:
        with self._setting.precision():
            logits = self._critic(real).float(), self._critic(fakes).float()
            penalty = self._constraint.penalty(
                self._critic, real, fakes[len(real) :], self._setting.random
            )
        loss = self._game.critic(*logits, self._setting.recipe.label_smoothing)
        learned = descend(loss + penalty, self._critics)
        self._constraint.confine(self._critic)
        return learned

    def _teach_autoencoder(self, real: Tensor, fakes: Tensor, nats: Tensor) -> Losses:
        self._critic.requires_grad_(False)
        with self._setting.precision():
            with torch.no_grad():
                wanted = self._critic.features(real).float()
            found = self._critic.features(fakes)
            logits = self._critic.rate(found)[len(real) :].float()
        reconstruction = (found[: len(real)].float() - wanted).square().mean() / 2
        generator = self._game.generator(logits)
        weight = self._setting.recipe.kl_weight / wanted[0].numel()
        descend(reconstruction + generator + weight * nats, self._autoencoder)
        self._critic.requires_grad_(True)
        losses = {"generator": generator, "reconstruction": reconstruction, "divergence": nats}
        return {name: loss.detach() for name, loss in losses.items()}
