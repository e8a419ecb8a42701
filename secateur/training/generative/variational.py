"""Variational autoencoding (Kingma & Welling 2014)."""

from __future__ import annotations

from torch import Tensor

from secateur.training.generative.setting import Losses, Setting, descend


class Variational:
    """An encoder and a decoder learn to rebuild images from noise that is nearly normal."""

    def __init__(self, setting: Setting) -> None:
        model = setting.model
        assert model.encoder is not None, model.architecture.name
        self._setting, self._decoder, self._encoder = setting, model.trained, model.encoder
        self._optimizer = setting.optimizer(model.encoder, model.trained)
        self.optimizers = (self._optimizer,)

    def step(self) -> Losses:
        """One step down the bound on the likelihood, both parts of which are in nats."""
        setting = self._setting
        images = setting.draw()
        with setting.precision():
            mean, spread = self._encoder(images).float().chunk(2, dim=1)
            chance = setting.normal(*mean.shape)
            rebuilt = self._decoder(drawn(mean, spread, chance)).float()
        reconstruction = squared_error(images, rebuilt) / 2
        nats = divergence(mean, spread)
        descend(reconstruction + setting.recipe.kl_weight * nats, self._optimizer)
        return {"reconstruction": reconstruction.detach(), "divergence": nats.detach()}


def drawn(mean: Tensor, log_variance: Tensor, chance: Tensor) -> Tensor:
    """Noise (n, latent, 1, 1) of some mean and spread, out of standard normal numbers.

    Gradients reach the first two; all three are (n, latent).
    """
    return (mean + (log_variance / 2).exp() * chance)[:, :, None, None]


def divergence(mean: Tensor, log_variance: Tensor) -> Tensor:
    """Kullback-Leibler divergence of N(mean, variance) from N(0, 1), in nats.

    The sum of (μ² + v - 1 - ln v) / 2 over the values of an image, averaged over images;
    both arguments are (n, latent).
    """
    each = mean.square() + log_variance.exp() - 1 - log_variance
    return each.sum(dim=1).mean() / 2


def squared_error(images: Tensor, others: Tensor) -> Tensor:
    """Squared differences, summed over an image and averaged over images.

    Half of it is -ln p of a normal distribution of variance 1, but for a constant.
    """
    return (images - others).square().flatten(1).sum(dim=1).mean()
