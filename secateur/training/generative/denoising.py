"""Denoising diffusion (Ho et al. 2020)."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from secateur.models.generators.sampler import Sampler
from secateur.training.generative.setting import Losses, Setting, descend


class Denoising:
    """A denoiser learns what noise was added to images, at all levels alike."""

    def __init__(self, setting: Setting) -> None:
        sampler = setting.model.trained
        assert isinstance(sampler, Sampler), setting.model.architecture.name
        self._setting, self._denoiser = setting, sampler.denoiser
        self._signal = torch.tensor(sampler.signal, device=setting.device)
        self._optimizer = setting.optimizer(sampler)
        self.optimizers = (self._optimizer,)

    def step(self) -> Losses:
        """One step down the mean squared error of the noise, equation 14 of the paper."""
        setting = self._setting
        images = setting.draw()
        levels = torch.randint(len(self._signal), (len(images),), generator=setting.random)
        levels = levels.to(setting.device)
        signal = self._signal[levels][:, None, None, None]
        noise = setting.normal(*images.shape)
        with setting.precision():
            noisy = setting.execution.lay_out(signal.sqrt() * images + (1 - signal).sqrt() * noise)
            found = self._denoiser(noisy, levels.float()).float()
        losses = {"denoising": F.mse_loss(found, noise), **self.further(noisy, levels, found)}
        descend(torch.stack(tuple(losses.values())).sum(), self._optimizer)
        return {name: loss.detach() for name, loss in losses.items()}

    def further(self, noisy: Tensor, levels: Tensor, found: Tensor) -> Losses:
        """Losses to be added to the noise's: none.

        Args:
            noisy: images in the layout of the training (n, channels, height, width).
            levels: of their noise, int64 (n,).
            found: what the denoiser takes for their noise, of the shape of ``noisy``.
        """
        return {}


class ImitatingDenoiser(Denoising):
    """As ``Denoising``, and besides like another denoiser, which saw more of the same images.

    Args:
        setting: of the training.
        teacher: in evaluation mode, on the setting's device.
        weight: of the mean squared difference between the two.
    """

    def __init__(self, setting: Setting, teacher: nn.Module, weight: float) -> None:
        super().__init__(setting)
        self._teacher, self._weight = teacher, weight

    def further(self, noisy: Tensor, levels: Tensor, found: Tensor) -> Losses:
        """The weighted difference to the teacher's noise, by name."""
        with torch.no_grad(), self._setting.precision():
            wanted: Tensor = self._teacher(noisy, levels.float())
        return {"imitation": self._weight * F.mse_loss(found, wanted.float())}
