import inspect
from typing import get_args

import pytest
import torch

from secateur.errors import ArchitectureError
from secateur.models import build, families
from secateur.models.blocks import ACTIVATIONS, POOLINGS, activation, pooling, scaled
from secateur.records import Architecture
from secateur.spaces import ACTIVATIONS as KNOWN_ACTIVATIONS
from secateur.spaces import NetworkSpace

FAMILIES = sorted(families())
SPACES = get_args(get_args(NetworkSpace)[0])
SHAPES = [(1, 8, 8), (1, 28, 28), (3, 32, 32), (3, 17, 31), (2, 5, 9), (1, 4, 4)]


def architecture(name, shape=(1, 8, 8), classes=10, **arguments):
    return Architecture(name=name, arguments=arguments, input_shape=shape, classes=classes)


def test_every_space_of_a_job_has_a_family_and_every_family_a_space():
    registered = {name: family.space for name, family in families().items()}
    assert registered == {space.model_fields["kind"].default: space for space in SPACES}


@pytest.mark.parametrize("name", FAMILIES)
def test_builder_takes_exactly_the_fields_of_its_space_by_keyword(name):
    family = families()[name]
    shape, classes, *arguments = inspect.signature(family.builder).parameters.values()
    assert (shape.name, classes.name) == ("input_shape", "classes")
    assert [argument.name for argument in arguments] == list(family.arguments)
    assert all(argument.kind is argument.KEYWORD_ONLY for argument in arguments)


@pytest.mark.parametrize("name", FAMILIES)
def test_builder_defaults_lie_within_the_space(name):
    family = families()[name]
    parameters = inspect.signature(family.builder).parameters
    family.space.model_validate({field: parameters[field].default for field in family.arguments})


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("name", FAMILIES)
def test_logits_have_one_column_a_class_and_depend_on_the_image(name, shape):
    network = build(architecture(name, shape, classes=7), seed=0).eval()
    outputs = network(torch.rand(3, *shape, generator=torch.Generator().manual_seed(0)))
    assert outputs.shape == (3, 7)
    assert not torch.allclose(outputs[0], outputs[1])


@pytest.mark.parametrize("name", FAMILIES)
def test_every_parameter_gets_a_gradient(name):
    network = build(architecture(name), seed=0)
    network(torch.rand(8, 1, 8, 8)).square().sum().backward()
    assert all(parameter.grad is not None for parameter in network.parameters())


@pytest.mark.parametrize("name", FAMILIES)
def test_same_seed_same_weights_and_the_global_state_is_left_alone(name):
    before = torch.get_rng_state()
    first, second = (build(architecture(name), seed=3).state_dict() for _ in range(2))
    other = build(architecture(name), seed=4).state_dict()
    assert torch.equal(torch.get_rng_state(), before)
    assert all(torch.equal(first[key], second[key]) for key in first)
    assert any(not torch.equal(first[key], other[key]) for key in first)


def test_without_a_seed_weights_follow_the_global_state():
    torch.manual_seed(5)
    first = build(architecture("mlp")).state_dict()
    torch.manual_seed(5)
    second = build(architecture("mlp")).state_dict()
    assert all(torch.equal(first[key], second[key]) for key in first)


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        (architecture("lennet"), ["network", "'lennet'", "'lenet'"]),
        (architecture("lenet", widht=1), ["lenet.widht", "'width'"]),
        (architecture("lenet", width=99), ["lenet.width", "99", "[0.25, 16]"]),
        (architecture("lenet", pooling="mean"), ["lenet.pooling", "'mean'", "average, max"]),
        (architecture("mlp", depth=2.5), ["mlp.depth", "2.5", "whole numbers"]),
        (architecture("mlp", activation="rleu"), ["mlp.activation", "'rleu'", "'relu'"]),
        (architecture("resnet", kind="resnet"), ["resnet.kind", "depth, width"]),
        (architecture("mlp", shape=(1, 0, 8)), ["mlp.input_shape", "(1, 0, 8)"]),
        (architecture("lenet", shape=(1, 28, 3)), ["lenet.input_shape", "(1, 28, 3)", "4"]),
    ],
    ids=lambda value: value.name if isinstance(value, Architecture) else "",
)
def test_refusals_name_the_argument_the_value_and_what_would_be_right(asked, words):
    with pytest.raises(ArchitectureError) as refused:
        build(asked)
    message = str(refused.value)
    assert "\n" not in message
    assert [word for word in words if word not in message] == []


def test_every_known_activation_has_a_layer():
    assert tuple(ACTIVATIONS) == KNOWN_ACTIVATIONS


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("relu", 0.0),
        ("leaky-relu", -0.02),  # slope 0.01
        ("tanh", -0.964028),  # (e^-2 - e^2) / (e^-2 + e^2)
        ("sigmoid", 0.119203),  # 1 / (1 + e^2)
        ("silu", -0.238406),  # -2 / (1 + e^2)
    ],
)
def test_activations_at_minus_two(name, expected):
    assert activation(name)(torch.tensor(-2.0)).item() == pytest.approx(expected, abs=1e-6)


def test_poolings():
    assert tuple(POOLINGS) == ("max", "average")
    image = torch.tensor([[[[1.0, 2.0], [3.0, 6.0]]]])
    assert pooling("max", 2)(image).item() == 6
    assert pooling("average", 2)(image).item() == 3  # (1 + 2 + 3 + 6) / 4


def test_scaled_rounds_and_keeps_one():
    assert [scaled(0.5, 6), scaled(0.3, 84), scaled(0.01, 6)] == [3, 25, 1]
