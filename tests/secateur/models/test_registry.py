import inspect
from pathlib import Path
from typing import get_args

import pytest
import torch

from secateur.compression.recovery import recalibrate
from secateur.errors import ArchitectureError
from secateur.models import build, families
from secateur.models.blocks import (
    ACTIVATIONS,
    POOLINGS,
    activation,
    normalization,
    pooling,
    scaled,
)
from secateur.records import Architecture
from secateur.spaces import ACTIVATIONS as KNOWN_ACTIVATIONS
from secateur.spaces import NetworkSpace, dimensions

FAMILIES = sorted(families())
SPACES = get_args(get_args(NetworkSpace)[0])
# Least side with the ImageNet stem, which halves an image five times, or needs more.
SMALLEST = {
    "alexnet": 63,
    "googlenet": 32,
    "inception": 75,
    "resnet-imagenet": 32,
    "densenet": 32,
    "efficientnet": 32,
}
SHAPES = [(1, 8, 8), (1, 28, 28), (3, 32, 32), (3, 17, 31), (2, 5, 9), (1, 4, 4)]


def architecture(name, shape=(1, 8, 8), classes=10, **arguments):
    return Architecture(name=name, arguments=arguments, input_shape=shape, classes=classes)


def test_every_space_of_a_job_has_a_family_and_every_family_a_space():
    registered = {name: family.space for name, family in families().items()}
    assert registered == {space.model_fields["kind"].default: space for space in SPACES}


@pytest.mark.parametrize("space", SPACES)
def test_default_dimensions_are_valid_themselves(space):
    # Pydantic does not validate defaults; passing them in does.
    assert space.model_validate(dimensions(space())) == space()


@pytest.mark.parametrize("name", FAMILIES)
def test_the_guide_lists_every_dimension(name):
    guide = (Path(__file__).parents[3] / "docs" / "jobs.md").read_text().splitlines()
    (row,) = (line for line in guide if line.startswith(f"| `{name}` |"))
    dimensions = families()[name].arguments
    assert [field for field in dimensions if f"`{field}`" not in row] == []


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
def test_logits_have_one_column_a_class_and_depend_on_the_image(name, shape, small):
    network = build(architecture(name, shape, classes=7, **small[name]), seed=0).eval()
    images = torch.rand(3, *shape, generator=torch.Generator().manual_seed(0))
    recalibrate(network, [images])  # the statistics of a fresh network fade a deep one out
    outputs = network(images)
    assert outputs.shape == (3, 7)
    assert not torch.allclose(outputs[0], outputs[1])


@pytest.mark.parametrize("name", sorted(SMALLEST))
def test_the_imagenet_stem_takes_its_smallest_image(name, small):
    shape = (3, SMALLEST[name], SMALLEST[name] + 5)
    network = build(architecture(name, shape, stem="imagenet", **small[name]), seed=0)
    assert network(torch.rand(2, *shape)).shape == (2, 10)


@pytest.mark.parametrize("name", FAMILIES)
def test_every_parameter_gets_a_gradient(name, small):
    network = build(architecture(name, **small[name]), seed=0)
    network(torch.rand(8, 1, 8, 8)).square().sum().backward()
    assert all(parameter.grad is not None for parameter in network.parameters())


@pytest.mark.parametrize("name", FAMILIES)
def test_same_seed_same_weights_and_the_global_state_is_left_alone(name, small):
    asked = architecture(name, **small[name])
    before = torch.get_rng_state()
    first, second = (build(asked, seed=3).state_dict() for _ in range(2))
    other = build(asked, seed=4).state_dict()
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
        (architecture("resnet", kind="resnet"), ["resnet.kind", "depth, dropout, norm"]),
        (architecture("vgg", weights="/x.pth"), ["vgg.weights", "unknown argument"]),
        (architecture("vgg", depth=12), ["vgg.depth", "12", "11, 13, 16, 19"]),
        (architecture("vgg", depth=13.5), ["vgg.depth", "13.5", "whole numbers"]),
        (architecture("mlp", shape=(1, 0, 8)), ["mlp.input_shape", "(1, 0, 8)"]),
        (architecture("lenet", shape=(1, 28, 3)), ["lenet.input_shape", "(1, 28, 3)", "4"]),
        *(
            (
                architecture(name, shape=(3, 200, side - 1), stem="imagenet"),
                [f"{name}.input_shape", f"(3, 200, {side - 1})", f"sides of {side}", "stem: small"],
            )
            for name, side in SMALLEST.items()
        ),
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


def test_normalizations():
    # One image of two channels with one position: 1 and 3 have mean 2 and deviation 1.
    image = torch.tensor([[[[1.0]], [[3.0]]]])
    assert torch.equal(normalization("none", 2)(image), image)
    expected = torch.tensor([[[[-1.0]], [[1.0]]]])
    torch.testing.assert_close(normalization("layer", 2, epsilon=1e-9)(image), expected)
    assert normalization("batch", 2, epsilon=0.5).eps == 0.5
    # As many vectors: each channel is 0 but for the sign of its deviation.
    vectors = torch.tensor([[1.0, 4.0], [3.0, 4.0]])
    found = normalization("batch", 2, dims=1)(vectors)
    torch.testing.assert_close(found, torch.tensor([[-1.0, 0.0], [1.0, 0.0]]), rtol=0, atol=1e-4)


def test_scaled_rounds_and_keeps_one():
    assert [scaled(0.5, 6), scaled(0.3, 84), scaled(0.01, 6)] == [3, 25, 1]
