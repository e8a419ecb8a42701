"""What pruned diffusion models learn from: real images with noise, and the dense denoiser."""

from __future__ import annotations

import copy
from types import SimpleNamespace

import pytest
import torch
from torch import Tensor, nn

from secateur.compression.plan import SurgeryPlan
from secateur.models.generators.sampler import Sampler
from secateur.records import Architecture, GenerativeRecipe
from secateur.spec import GeneratorRecoverySpec
from secateur.training.generative import GenerativeModel, begin, train
from secateur.training.generative.denoising import ImitatingDenoiser
from secateur.training.generative.recovery import recover

SHAPE = (1, 8, 8)
ARCHITECTURE = Architecture(
    name="diffusion",
    arguments={"width": 8, "noise_levels": 20, "sampling_steps": 3},
    input_shape=SHAPE,
    classes=1,
)
RECIPE = GenerativeRecipe(batch_size=16, learning_rate=0.01, precision="float32", ema=0.5)
SPEC = GeneratorRecoverySpec(steps=60, interval=60, learning_rate_factor=1.0, ema=0.5)


@pytest.fixture(scope="module")
def pixels() -> Tensor:
    """Dark images with a bright square."""
    images = torch.zeros(32, *SHAPE, dtype=torch.uint8)
    images[:, :, 2:6, 2:6] = 255
    return images


@pytest.fixture(scope="module")
def model(pixels: Tensor) -> GenerativeModel:
    found = begin(ARCHITECTURE, RECIPE)
    for _ in train(found, pixels, RECIPE.model_copy(update={"steps": 60, "interval": 60})):
        pass
    return found


def cut(model: GenerativeModel) -> Sampler:
    """Half of the channels of every group."""
    sampler = model.generator
    assert isinstance(sampler, Sampler)
    plan = SurgeryPlan.of(sampler, (sampler.latent, 1, 1))
    pruned = plan.prune(sampler, plan.kept_first([width // 2 for width in plan.widths]))
    assert isinstance(pruned, Sampler)
    return pruned


def difference(one: Sampler, other: Sampler) -> float:
    noisy = torch.randn(64, *SHAPE, generator=torch.Generator().manual_seed(5))
    levels = torch.arange(64).remainder(20).float()
    with torch.no_grad():
        return float((one.denoiser(noisy, levels) - other.denoiser(noisy, levels)).square().mean())


def test_a_pruned_diffusion_model_learns_to_denoise_as_the_dense_one(
    model: GenerativeModel, pixels: Tensor
) -> None:
    pruned, before = cut(model).eval(), copy.deepcopy(model.state_dict())
    apart = difference(pruned, model.generator)
    (last,) = recover(pruned, model, pixels, RECIPE, SPEC)
    assert set(last.losses) == {"denoising", "imitation"}
    assert difference(pruned, model.generator) < 0.5 * apart
    assert all(torch.equal(before[name], value) for name, value in model.state_dict().items())


def test_without_distillation_the_images_alone_teach(
    model: GenerativeModel, pixels: Tensor
) -> None:
    spec = SPEC.model_copy(update={"distillation": 0.0, "steps": 1})
    (last,) = recover(cut(model), model, pixels, RECIPE, spec)
    assert set(last.losses) == {"denoising"}


def test_the_imitation_by_hand() -> None:
    """The teacher finds the noisy images themselves, (1, 3); found is 0: a mean of 5, times 2."""

    class Teacher(nn.Module):
        def forward(self, noisy: Tensor, levels: Tensor) -> Tensor:
            return noisy

    setting = SimpleNamespace(
        model=begin(ARCHITECTURE, RECIPE),
        device=torch.device("cpu"),
        optimizer=lambda network: torch.optim.SGD(network.parameters(), 0.1),
        precision=lambda: torch.autocast("cpu", enabled=False),
    )
    learner = ImitatingDenoiser(setting, Teacher(), 2.0)
    noisy = torch.tensor([1.0, 3.0]).view(2, 1, 1, 1)
    (loss,) = learner.further(noisy, torch.zeros(2), torch.zeros_like(noisy)).values()
    assert loss.item() == pytest.approx(10.0)
