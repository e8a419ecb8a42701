"""Every generative family: shapes, ranges, seeds, surgery and costs."""

import inspect
from math import prod

import numpy as np
import pytest
import torch
from torch import nn
from torch.utils.flop_counter import FlopCounterMode

from secateur.compression import importance
from secateur.compression.cost import CostModel
from secateur.compression.counter import count
from secateur.compression.plan import SurgeryPlan
from secateur.errors import ArchitectureError
from secateur.models.generators import build_generator, build_networks, families
from secateur.models.registry import build, takes
from secateur.spaces import dimensions, generators
from tests.secateur.choices import choices
from tests.secateur.lively import enliven

FAMILIES = sorted(families())
SHAPES = [(1, 8, 8), (1, 28, 28), (3, 32, 32), (2, 17, 31), (1, 1, 64)]
# Hidden layers for 28x28 images: all but the last.
GROUPS = {
    "mlp-gan": 3,
    "dcgan": 3,
    "vae": 3,
    "vae-gan": 3,
    # The embedding; the stem; of three sizes a convolution down, two of its block, one up; two
    # of each of the two blocks on the way up.
    "diffusion": 1 + 1 + 3 * 4 + 2 * 2,
}


def noise(architecture, images=3):
    return torch.randn(images, *takes(architecture), generator=torch.Generator().manual_seed(0))


def test_every_space_of_a_job_has_a_family_and_every_family_a_space():
    assert {name: family.space for name, family in families().items()} == generators()


@pytest.mark.parametrize("name", FAMILIES)
def test_default_dimensions_are_valid_themselves(name):
    space = families()[name].space
    assert space.model_validate(dimensions(space())) == space()


@pytest.mark.parametrize("name", FAMILIES)
def test_builders_take_the_fields_of_their_spaces_by_keyword_with_usable_defaults(name):
    family = families()[name]
    shape, *arguments = inspect.signature(family.builder).parameters.values()
    assert shape.name == "image_shape"
    assert [argument.name for argument in arguments] == list(family.arguments)
    assert all(argument.kind is argument.KEYWORD_ONLY for argument in arguments)
    family.space.model_validate({argument.name: argument.default for argument in arguments})


@pytest.mark.parametrize("shape", SHAPES, ids=str)
@pytest.mark.parametrize("name", FAMILIES)
def test_images_have_their_shape_lie_in_range_and_depend_on_the_noise(name, shape, asked):
    architecture = asked(name, shape)
    generator = build_generator(architecture, seed=0).eval()
    given = noise(architecture)
    with torch.no_grad():
        images = generator(given)
    assert images.shape == (3, *shape)
    assert images.abs().max() <= 1
    assert not torch.equal(images[0], images[1])
    assert given.shape == (3, generator.latent, 1, 1)


@pytest.mark.parametrize(("name", "field", "value"), list(choices(families())))
def test_every_choice_makes_images(name, field, value, asked):
    architecture = asked(name, **{field: value})
    generator = build_generator(architecture, seed=0).eval()
    with torch.no_grad():
        images = generator(noise(architecture))
    assert images.shape == (3, 1, 8, 8)
    assert images.isfinite().all()


@pytest.mark.parametrize("name", FAMILIES)
def test_partners_take_images(name, asked):
    networks = build_networks(asked(name, (3, 17, 31)), seed=0)
    images = torch.rand(4, 3, 17, 31)
    if networks.critic is not None:
        assert networks.critic(images).shape == (4,)
        features = networks.critic.features(images)
        assert torch.equal(networks.critic.rate(features), networks.critic(images))
    if networks.encoder is not None:
        assert networks.encoder(images).shape == (4, 2 * networks.generator.latent)


@pytest.mark.parametrize("name", FAMILIES)
def test_every_parameter_gets_a_gradient(name, asked):
    architecture = asked(name)
    networks = build_networks(architecture, seed=0)
    images = networks.generator(noise(architecture))
    loss = images.square().sum()
    for partner in (networks.critic, networks.encoder):
        loss = loss if partner is None else loss + partner(images).sum()
    loss.backward()
    for network in (networks.generator, networks.critic, networks.encoder):
        for parameter in () if network is None else network.parameters():
            assert parameter.grad is not None


@pytest.mark.parametrize("name", FAMILIES)
def test_same_seed_same_weights_through_every_door(name, asked):
    before = torch.get_rng_state()
    architecture = asked(name)
    first, second, other = (
        build(architecture, seed=3).state_dict(),
        build_generator(architecture, seed=3).state_dict(),
        build(architecture, seed=4).state_dict(),
    )
    assert torch.equal(torch.get_rng_state(), before)
    assert all(torch.equal(first[key], second[key]) for key in first)
    assert any(not torch.equal(first[key], other[key]) for key in first)


@pytest.mark.parametrize("name", FAMILIES)
def test_what_one_input_is(name, asked):
    latent = prod((2, 9, 9)) if name == "diffusion" else 8
    assert takes(asked(name, (2, 9, 9))) == (latent, 1, 1)


@pytest.mark.parametrize("shape", [(1, 28, 28), (1, 1, 64)], ids=str)
@pytest.mark.parametrize("name", FAMILIES)
def test_surgery_cuts_what_it_says_and_three_counters_agree(name, shape, asked):
    architecture = asked(name, shape)
    dense = enliven(build_generator(architecture, seed=0)).eval()
    given = takes(architecture)
    plan = SurgeryPlan.of(dense, given)
    cost = CostModel.of(dense, plan, given)
    if shape == (1, 28, 28):
        assert len(plan.groups) == GROUPS[name]
    generator = np.random.default_rng(0)
    widths = [int(generator.integers(1, group.width + 1)) for group in plan.groups]
    pruned = plan.prune(dense, importance.keep(importance.random(plan, 0), widths))
    images = noise(architecture, images=1)
    with torch.no_grad(), FlopCounterMode(display=False) as counter:
        assert pruned(images).shape == (1, *shape)
    assert pruned.latent == dense.latent
    counted = count(pruned, given)
    assert (counted.flops, counted.parameters) == (cost.flops(widths), cost.parameters(widths))
    assert counted.flops == counter.get_total_flops()


def test_dcgan_size():
    # Generator: stem 64·128·4·4 + norm 256; up 128·64·3·3 + norm 128; up 64·32·4·4 + norm 64;
    # output 32·1·4·4 + 1. Critic: 32·1·4·4 + 32; 64·32·4·4 + norm 128; 128·64·3·3 + norm 256;
    # head 128·4·4 + 1.
    networks = families()["dcgan"].builder((1, 28, 28), width=32, critic_width=32, latent=64)
    sizes = [sum(p.numel() for p in network.parameters())
             for network in (networks.generator, networks.critic)]  # fmt: skip
    up = 128 * 64 * 9 + 128 + 64 * 32 * 16 + 64
    assert sizes[0] == 64 * 128 * 16 + 256 + up + 32 * 16 + 1
    assert sizes[1] == 32 * 16 + 32 + 64 * 32 * 16 + 128 + 128 * 64 * 9 + 256 + 128 * 16 + 1


def test_dcgan_flops():
    # A transposed convolution uses each weight once an input position:
    # 2·(64·128·16·1 + 128·64·9·16 + 64·32·16·49 + 32·1·16·196)
    generator = families()["dcgan"].builder((1, 28, 28), width=32, latent=64).generator
    assert count(generator, (64, 1, 1)).flops == 2 * (131_072 + 1_179_648 + 1_605_632 + 100_352)


def test_channels_stop_doubling_at_eight_times_the_width():
    generator = families()["dcgan"].builder((1, 256, 256), width=2, latent=4).generator
    made = [layer.out_channels for layer in generator if isinstance(layer, nn.ConvTranspose2d)]
    assert made == [16, 16, 16, 8, 4, 2, 1]


def test_the_published_mlp_gan_and_what_its_study_varies():
    def hidden(**arguments):
        networks = families()["mlp-gan"].builder((1, 28, 28), **arguments)
        return [
            [layer.out_features for layer in network.modules() if isinstance(layer, nn.Linear)][:-1]
            for network in (networks.generator, networks.critic)
        ]

    assert hidden() == [[256, 512, 1024], [512, 256]]
    assert hidden(first=20, third=1600) == [[20, 512, 1600], [512, 256]]
    assert hidden(third=0, critic_first=0) == [[256, 512], [256]]
    assert hidden(width=0.5) == [[128, 256, 512], [512, 256]]
    assert hidden(first=0, second=0, third=0, critic_first=0, critic_second=0) == [[], []]


@pytest.mark.parametrize(
    ("name", "arguments", "words"),
    [
        ("dcgan", {"widht": 8}, r"dcgan\.widht: unknown argument; expected 'width'"),
        ("dcgan", {"width": 0}, r"dcgan\.width: .*values in \[1, 1024\]"),
        ("vae", {"activation": "swish"}, r"vae\.activation: "),
        ("diffusion", {"sampling_steps": 21}, r"diffusion\.sampling_steps: 21 .* 20 noise_levels"),
    ],
)
def test_what_cannot_be_built(name, arguments, words, asked):
    with pytest.raises(ArchitectureError, match=words):
        build_generator(asked(name, **arguments))


def test_diffusion_needs_something_to_halve(asked):
    with pytest.raises(ArchitectureError, match=r"\(1, 5, 5\) is too small"):
        build_generator(asked("diffusion", (1, 5, 5)))


def test_layers_that_nothing_normalises_have_biases(asked):
    # Sides of 16 take two steps to 4x4: 3 values make 8 channels of 4x4, these 4 channels of
    # 8x8, these the image, by kernels of 4x4: (3·8 + 8·4 + 4·1)·16 weights, 8 + 4 + 1 biases.
    plain = asked("dcgan", (1, 16, 16), latent=3, width=4, normalization="none")
    generator = build_generator(plain)
    assert sum(one.numel() for one in generator.parameters()) == (24 + 32 + 4) * 16 + 13
    # Where a batch norm follows it has the shift, beside a scale: only the output has a bias.
    normalised = build_generator(asked("dcgan", (1, 16, 16), latent=3, width=4))
    weights = sum(one.numel() for one in normalised.parameters())
    assert weights == (24 + 32 + 4) * 16 + 2 * (8 + 4) + 1
