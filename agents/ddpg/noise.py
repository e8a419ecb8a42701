"""Exploration noise: a normal distribution truncated to [0, 1], by inverse CDF."""

from __future__ import annotations

from typing import Final

import torch

UNIFORM_SIGMA: Final = 1.0e3
"""A sigma so wide that the truncated density is flat on [0, 1] to within 5e-7."""


def truncated_normal(
    mean: torch.Tensor, sigma: torch.Tensor | float, uniform: torch.Tensor
) -> torch.Tensor:
    """Turn uniform draws into draws from N(mean, sigma^2) truncated to [0, 1].

    With F the normal CDF at the given mean and sigma, the draw is
    F^-1(F(0) + u (F(1) - F(0))), so the same u always gives the same action: He et al.
    2018, section 3.2, asks for this distribution.

    Args:
        mean: centre of the normal, each in [0, 1]; any shape.
        sigma: standard deviation before truncation, > 0, in units of the interval.
        uniform: draws from [0, 1), of the shape of ``mean``.

    Returns:
        Draws in [0, 1], of the shape and dtype of ``mean``.
    """
    # Under a wide sigma the two CDF values differ by little: float32 would leave only
    # some thousand distinct actions.
    centre = mean.double()
    width = torch.as_tensor(sigma, dtype=torch.float64, device=mean.device)
    lower = torch.special.ndtr(-centre / width)
    upper = torch.special.ndtr((1.0 - centre) / width)
    draws: torch.Tensor = centre + width * torch.special.ndtri(
        lower + uniform.double() * (upper - lower)
    )
    return draws.clamp(0.0, 1.0).to(mean.dtype)
