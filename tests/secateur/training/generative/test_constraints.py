import pytest
import torch
from torch import nn

from secateur.errors import SpecError
from secateur.models.generators.layers import Critic
from secateur.records import Architecture, GenerativeRecipe
from secateur.training.generative import begin, constraints


def linear_critic(*weights):
    critic = Critic(nn.Sequential(nn.Flatten()), nn.Linear(len(weights), 1))
    with torch.no_grad():
        critic.head.weight.copy_(torch.tensor([weights]))
    return critic


def constraint(name, **fields):
    return constraints.of(GenerativeRecipe(constraint=name, **fields))


def test_the_penalty_of_a_linear_critic_and_its_slope():
    # The slope at any image is the weight itself, of norm 5: 10·(5 - 1)² = 160, whose
    # derivative by the weight is 2·10·(5 - 1)·(3, 4)/5 = (48, 64).
    critic = linear_critic(3.0, 4.0)
    images, random = torch.rand(6, 2, 1, 1), torch.Generator().manual_seed(0)
    penalty = constraint("gradient-penalty").penalty(critic, images, -images, random)
    assert penalty.item() == pytest.approx(160, rel=1e-5)
    penalty.backward()
    assert critic.head.weight.grad.flatten().tolist() == pytest.approx([48, 64], rel=1e-5)


def test_the_weight_of_the_penalty():
    images, random = torch.rand(6, 2, 1, 1), torch.Generator().manual_seed(0)
    penalty = constraint("gradient-penalty", penalty=0.5)
    found = penalty.penalty(linear_critic(3.0, 4.0), images, -images, random)
    assert found.item() == pytest.approx(8, rel=1e-5)


def test_the_penalty_is_taken_between_the_images():
    seen = []
    critic = linear_critic(1.0, 0.0)
    critic.features.register_forward_hook(lambda _module, given, _made: seen.append(given[0]))
    real, random = torch.zeros(50, 2, 1, 1), torch.Generator().manual_seed(0)
    constraint("gradient-penalty").penalty(critic, real, real + 1, random)
    (between,) = seen
    shares = between.detach().flatten(1)
    assert torch.equal(shares[:, 0], shares[:, 1])
    assert 0 <= shares.min() < 0.1
    assert 0.9 < shares.max() <= 1


def test_clipping():
    critic = linear_critic(3.0, -0.005)
    with torch.no_grad():
        critic.head.bias.fill_(-1.0)
    constraint("clipping", clip=0.01).confine(critic)
    assert critic.head.weight.flatten().tolist() == pytest.approx([0.01, -0.005])
    assert critic.head.bias.item() == pytest.approx(-0.01)


def test_spectral_norm_divides_by_the_largest_singular_value():
    critic = linear_critic(3.0, 4.0)
    constraint("spectral-norm").prepare(critic)
    for _ in range(20):  # iterations of the power method
        critic(torch.rand(2, 2))
    assert critic.head.weight.flatten().tolist() == pytest.approx([0.6, 0.8], abs=1e-4)


def test_spectral_norm_is_on_the_critic_alone_and_seeded():
    architecture = Architecture(
        name="dcgan",
        arguments={"width": 4, "critic_width": 4},
        input_shape=(1, 8, 8),
        classes=1,
    )
    recipe = GenerativeRecipe(constraint="spectral-norm")
    before = torch.get_rng_state()
    first, second = (begin(architecture, recipe).state_dict() for _ in range(2))
    assert torch.equal(torch.get_rng_state(), before)
    assert all(torch.equal(first[key], second[key]) for key in first)
    assert {key.split(".")[0] for key in first if "parametrizations" in key} == {"critic"}


def test_without_a_constraint_nothing_happens():
    critic = linear_critic(3.0, 4.0)
    free = constraint("none")
    free.prepare(critic)
    free.confine(critic)
    images = torch.rand(2, 2, 1, 1)
    assert free.penalty(critic, images, images, torch.Generator()) == 0
    assert critic.head.weight.flatten().tolist() == [3.0, 4.0]


def test_a_gradient_penalty_refuses_batch_norm():
    architecture = Architecture(
        name="dcgan",
        arguments={"width": 4, "critic_width": 4, "critic_normalization": "batch"},
        input_shape=(1, 28, 28),
        classes=1,
    )
    with pytest.raises(SpecError, match=r"recipe.constraint: 'gradient-penalty' .* has batch norm"):
        begin(architecture, GenerativeRecipe(constraint="gradient-penalty"))
