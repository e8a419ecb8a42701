"""What pruned generators learn from: the dense generator's images, and its critic."""

from __future__ import annotations

import copy

import pytest
import torch
from torch import nn
from torch.nn import functional as F

from secateur.compression.plan import SurgeryPlan
from secateur.compression.recovery import recalibrate
from secateur.errors import SpecError
from secateur.records import Architecture, GenerativeRecipe
from secateur.spec import GeneratorRecoverySpec
from secateur.training.generative import GenerativeModel, begin, noise
from secateur.training.generative.recovery import Imitation, recover

LATENT = 6
ARCHITECTURE = Architecture(
    name="dcgan",
    arguments={"latent": LATENT, "width": 8, "critic_width": 4},
    input_shape=(1, 16, 16),
    classes=1,
)
RECIPE = GenerativeRecipe(batch_size=16, ema=0.9, precision="float32")
SPEC = GeneratorRecoverySpec(steps=4, interval=2, learning_rate_factor=1.0)
WIDTHS = (10, 4)


@pytest.fixture
def model() -> GenerativeModel:
    """Its images differ by their noise, as those of a trained one do."""
    found = begin(ARCHITECTURE, RECIPE)
    with torch.no_grad():
        found.generator.get_submodule("output").get_parameter("weight").mul_(20)
    recalibrate(found.generator, [noise(LATENT, 256, seed=9)])
    return found


@pytest.fixture
def pixels() -> torch.Tensor:
    """Dark images with a bright square."""
    images = torch.zeros(32, 1, 16, 16, dtype=torch.uint8)
    images[:, :, 4:12, 4:12] = 255
    return images


def cut(model: GenerativeModel) -> nn.Module:
    plan = SurgeryPlan.of(model.generator, (LATENT, 1, 1))
    return plan.prune(model.generator, plan.kept_first(WIDTHS))


def difference(network: nn.Module, model: GenerativeModel) -> float:
    given = noise(LATENT, 64, seed=3)
    with torch.no_grad():
        wanted = copy.deepcopy(model.generator).eval()(given)
        return F.l1_loss(network(given), wanted).item()


def test_what_is_handed_out_is_the_pruned_generator_ready_to_be_judged(
    model: GenerativeModel, pixels: torch.Tensor
) -> None:
    pruned = cut(model)
    before = pruned.get_submodule("stem").weight.clone()
    told = []
    for metrics in recover(pruned, model, pixels, RECIPE, SPEC):
        assert not any(module.training for module in pruned.modules())
        told.append(metrics)
    assert [metrics.step for metrics in told] == [2, 4]
    assert [metrics.last for metrics in told] == [False, True]
    assert set(told[-1].losses) == {"generator", "critic", "further"}
    after = pruned.get_submodule("stem").weight
    assert after.shape == before.shape == (LATENT, WIDTHS[0], 4, 4)
    assert not torch.equal(after, before)


def test_the_dense_model_is_left_untouched(model: GenerativeModel, pixels: torch.Tensor) -> None:
    before = copy.deepcopy(model.state_dict())
    modes = [module.training for module in model.modules()]
    for _ in recover(cut(model), model, pixels, RECIPE, SPEC):
        pass
    assert all(torch.equal(before[name], value) for name, value in model.state_dict().items())
    assert [module.training for module in model.modules()] == modes
    assert all(parameter.grad is None for parameter in model.parameters())


@pytest.mark.parametrize("ema", [0.0, 0.5])
def test_distillation_alone_brings_the_images_nearer(
    model: GenerativeModel, pixels: torch.Tensor, ema: float
) -> None:
    pruned = cut(model).eval()
    before = difference(pruned, model)
    spec = SPEC.model_copy(update={"steps": 80, "interval": 80, "adversarial": False, "ema": ema})
    recipe = RECIPE.model_copy(update={"learning_rate": 0.01})
    (last,) = recover(pruned, model, pixels, recipe, spec)
    assert set(last.losses) == {"imitation"}
    assert difference(pruned, model) < 0.7 * before


def test_a_reparametrised_critic_learns_on(pixels: torch.Tensor) -> None:
    recipe = RECIPE.model_copy(update={"constraint": "spectral-norm"})
    model = begin(ARCHITECTURE, recipe)
    before = copy.deepcopy(model.state_dict())
    *_, last = recover(cut(model), model, pixels, recipe, SPEC)
    assert set(last.losses) == {"generator", "critic", "further"}
    assert all(torch.equal(before[name], value) for name, value in model.state_dict().items())


def test_the_critic_alone_can_teach(model: GenerativeModel, pixels: torch.Tensor) -> None:
    spec = SPEC.model_copy(update={"distillation": 0.0})
    *_, last = recover(cut(model), model, pixels, RECIPE, spec)
    assert set(last.losses) == {"generator", "critic"}


def test_the_same_seed_gives_the_same_weights(model: GenerativeModel, pixels: torch.Tensor) -> None:
    first, second = cut(model), cut(model)
    for network in (first, second):
        torch.rand(3)  # whatever else draws
        for _ in recover(network, model, pixels, RECIPE, SPEC):
            pass
    for one, other in zip(first.state_dict().values(), second.state_dict().values(), strict=True):
        assert torch.equal(one, other)


def test_the_imitation_by_hand() -> None:
    class Setting:
        def precision(self) -> torch.autocast:
            return torch.autocast("cpu", enabled=False)

    # The dense generator makes the noise itself; the images are off by 0.5 and by 0.1: a mean
    # of 0.3, times 2.
    imitation = Imitation(nn.Identity(), 2.0, Setting())
    given = torch.zeros(2, 1, 1, 1)
    images = torch.tensor([0.5, -0.1]).view(2, 1, 1, 1)
    assert imitation(given, images).item() == pytest.approx(0.6)


def test_a_model_without_a_critic_must_distil(model: GenerativeModel, pixels: torch.Tensor) -> None:
    pruned = cut(model)
    model.critic = None
    with pytest.raises(SpecError, match=r"recover\.distillation: 0"):
        next(recover(pruned, model, pixels, RECIPE, SPEC.model_copy(update={"distillation": 0.0})))
    *_, last = recover(pruned, model, pixels, RECIPE, SPEC)
    assert set(last.losses) == {"imitation"}


def test_something_must_be_learned_from() -> None:
    with pytest.raises(ValueError, match="distillation above 0"):
        GeneratorRecoverySpec(distillation=0.0, adversarial=False)


def test_a_short_recovery_ends_after_the_steps_that_rank() -> None:
    assert SPEC.model_copy(update={"rerank_steps": 3}).short().steps == 3
