"""What keeps a critic from growing too steep; one short class a constraint."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn.modules.batchnorm import _BatchNorm
from torch.nn.utils.parametrizations import spectral_norm

from secateur.errors import SpecError
from secateur.models.generators.layers import Critic
from secateur.records import GenerativeRecipe


class Constraint:
    """No constraint at all, and the base of those that there are."""

    def __init__(self, recipe: GenerativeRecipe) -> None:
        self.recipe = recipe

    def prepare(self, critic: Critic) -> None:
        """Alter a fresh critic in place.

        Raises:
            SpecError: the critic has layers that the constraint is not defined for.
        """

    def penalty(
        self, critic: Critic, real: Tensor, fakes: Tensor, generator: torch.Generator
    ) -> Tensor | float:
        """What is added to the critic's loss.

        Args:
            critic: in training mode.
            real: images (n, channels, height, width).
            fakes: as many generated ones, detached from the generator.
            generator: of random numbers, on the CPU.
        """
        return 0.0

    def confine(self, critic: Critic) -> None:
        """Alter a critic's weights after a step."""


class Clipping(Constraint):
    """No weight is above ``clip`` in magnitude (Arjovsky et al. 2017)."""

    def confine(self, critic: Critic) -> None:
        """Clip all weights and biases."""
        with torch.no_grad():
            for parameter in critic.parameters():
                parameter.clamp_(-self.recipe.clip, self.recipe.clip)


class GradientPenalty(Constraint):
    """Slopes between real and generated images are to be 1 (Gulrajani et al. 2017)."""

    def prepare(self, critic: Critic) -> None:
        """Refuse batch norm, with which an image has no slope of its own."""
        if any(isinstance(module, _BatchNorm) for module in critic.modules()):
            raise SpecError(
                "search.recipe.constraint",
                "gradient-penalty",
                "another one with a critic that has batch norm, which leaves an image no slope of "
                "its own; dcgan's critic_normalization may be 'layer' or 'none'",
            )

    def penalty(
        self, critic: Critic, real: Tensor, fakes: Tensor, generator: torch.Generator
    ) -> Tensor:
        """``penalty`` times the mean of (|∇| - 1)², at random points between the images."""
        shares = torch.rand(len(real), 1, 1, 1, generator=generator).to(real.device)
        between = torch.lerp(real, fakes, shares).requires_grad_()
        logits = critic(between)
        (slopes,) = torch.autograd.grad(logits.sum(), between, create_graph=True)
        steepness: Tensor = slopes.flatten(1).norm(dim=1)
        return self.recipe.penalty * (steepness - 1).square().mean()


class SpectralNorm(Constraint):
    """Layers enlarge no input, estimated by power iteration (Miyato et al. 2018)."""

    def prepare(self, critic: Critic) -> None:
        """Divide every weight matrix by its largest singular value from now on."""
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(self.recipe.seed)
            for module in list(critic.modules()):
                if isinstance(module, nn.Conv2d | nn.Linear):
                    spectral_norm(module)


_CONSTRAINTS: dict[str, type[Constraint]] = {
    "none": Constraint,
    "clipping": Clipping,
    "gradient-penalty": GradientPenalty,
    "spectral-norm": SpectralNorm,
}


def of(recipe: GenerativeRecipe) -> Constraint:
    """The constraint that a recipe names."""
    return _CONSTRAINTS[recipe.constraint](recipe)
