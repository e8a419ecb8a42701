"""Denoising diffusion (Ho et al. 2020)."""

from __future__ import annotations

import torch
from torch.nn import functional as F

from secateur.models.generators.diffusion import Sampler
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
            found = self._denoiser(noisy, levels.float())
        return {"denoising": descend(F.mse_loss(found.float(), noise), self._optimizer)}
