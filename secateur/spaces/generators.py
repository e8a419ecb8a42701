"""The space of every generative family, and of how such networks are trained."""

from __future__ import annotations

from typing import Annotated, Literal, get_args

from pydantic import Field

from secateur.records.generation import AdversarialLoss, Constraint
from secateur.spaces.dimensions import Dimension, Frozen, Range, integers, names, reals
from secateur.spaces.recipe import OPTIMIZERS, PRECISIONS, SCHEDULES

GENERATOR_ACTIVATIONS = ("relu", "leaky-relu", "tanh", "sigmoid")
ADVERSARIAL_LOSSES: tuple[str, ...] = get_args(AdversarialLoss)
CONSTRAINTS: tuple[str, ...] = get_args(Constraint)

_Width = Annotated[Dimension, integers(1, 1024)]
_Units = Annotated[Dimension, integers(0, 65536)]
_Latent = Annotated[Dimension, integers(1, 65536)]
_Activation = Annotated[Dimension, names(*GENERATOR_ACTIVATIONS)]
_Normalization = Annotated[Dimension, names("batch", "layer", "none")]


class MLPGANSpace(Frozen):
    """Dense generator and critic; 0 units leave a layer out.

    Attributes:
        width: the generator's units are so many times as many.
        first: units of the generator's first hidden layer.
        second: of its second.
        third: of its third.
        critic_first: units of the critic's first hidden layer.
        critic_second: of its second.
    """

    kind: Literal["mlp-gan"] = "mlp-gan"
    latent: _Latent = 100
    width: Annotated[Dimension, reals(0.03125, 8)] = (0.5, 1.0)
    first: _Units = 256
    second: _Units = 512
    third: _Units = 1024
    critic_first: _Units = 512
    critic_second: _Units = 256
    activation: _Activation = "leaky-relu"
    critic_activation: _Activation = "relu"
    normalization: _Normalization = "none"


class DCGANSpace(Frozen):
    """Transposed convolutions against convolutions (Radford et al. 2016).

    Attributes:
        width: channels of the generator's last hidden layer; twice as many each step before.
        critic_width: channels of the critic's first layer; twice as many each step behind.
        normalization: in the generator, behind all layers but the last.
        critic_normalization: in the critic, behind all layers but the first and the last;
            ``batch`` and a gradient penalty do not go together (Gulrajani et al. 2017).
    """

    kind: Literal["dcgan"] = "dcgan"
    latent: _Latent = 64
    width: _Width = (16, 32)
    critic_width: _Width = (16, 32)
    activation: _Activation = "relu"
    critic_activation: _Activation = "leaky-relu"
    normalization: _Normalization = "batch"
    critic_normalization: _Normalization = "batch"


class VAESpace(Frozen):
    """Variational autoencoders (Kingma & Welling 2014) whose decoder is a DCGAN's generator.

    Attributes:
        width: channels of the decoder's last hidden layer; twice as many each step before.
        encoder_width: channels of the encoder's first layer; twice as many each step behind.
    """

    kind: Literal["vae"] = "vae"
    latent: _Latent = (16, 32)
    width: _Width = (16, 32)
    encoder_width: _Width = (16, 32)
    activation: _Activation = "relu"


class VAEGANSpace(Frozen):
    """A VAE whose likeness is judged on a critic's features (Larsen et al. 2016)."""

    kind: Literal["vae-gan"] = "vae-gan"
    latent: _Latent = 64
    width: _Width = (16, 32)
    encoder_width: _Width = (16, 32)
    critic_width: _Width = (16, 32)
    activation: _Activation = "relu"


class DiffusionSpace(Frozen):
    """A small U-Net that removes noise (Ho et al. 2020), sampled in few steps.

    Attributes:
        width: channels at full size; twice as many each step down.
        schedule: of the noise: ``cosine`` (Nichol & Dhariwal 2021) or ``linear``.
        noise_levels: of the training.
        sampling_steps: runs of the U-Net for one image.
        solver: that makes an image of them: ``dpm`` (Lu et al. 2022), which needs fewer, or
            ``ddim`` (Song et al. 2021).
    """

    kind: Literal["diffusion"] = "diffusion"
    width: _Width = (16, 32)
    schedule: Annotated[Dimension, names("cosine", "linear")] = "cosine"
    noise_levels: Annotated[Dimension, integers(2, 10_000)] = 1000
    sampling_steps: Annotated[Dimension, integers(1, 1000)] = 20
    solver: Annotated[Dimension, names("dpm", "ddim")] = "dpm"


GeneratorSpace = Annotated[
    MLPGANSpace | DCGANSpace | VAESpace | VAEGANSpace | DiffusionSpace,
    Field(discriminator="kind"),
]


class GenerativeRecipeSpace(Frozen):
    """Hyperparameters of a ``GenerativeRecipe`` that a search may vary."""

    optimizer: Annotated[Dimension, names(*OPTIMIZERS)] = "adam"
    learning_rate: Annotated[Dimension, reals(1e-7, 10)] = Range(low=5e-4, high=1e-2, log=True)
    critic_rate: Annotated[Dimension, reals(1e-7, 10)] | None = None
    schedule: Annotated[Dimension, names(*SCHEDULES)] = "cosine"
    momentum: Annotated[Dimension, reals(0, 0.999)] = 0.5
    loss: Annotated[Dimension, names(*ADVERSARIAL_LOSSES)] = "auto"
    constraint: Annotated[Dimension, names(*CONSTRAINTS)] = "none"
    penalty: Annotated[Dimension, reals(1e-6, 1e6)] = 10.0
    clip: Annotated[Dimension, reals(1e-6, 1e3)] = 0.01
    critic_steps: Annotated[Dimension, integers(1, 100)] = 1
    label_smoothing: Annotated[Dimension, reals(0, 0.49)] = 0.0
    kl_weight: Annotated[Dimension, reals(0, 1e6)] = 1.0
    ema: Annotated[Dimension, reals(0, 0.99999)] = 0.999
    batch_size: Annotated[Dimension, integers(2, 65536)] = 64
    precision: Annotated[Dimension, names(*PRECISIONS)] = "auto"


def generators() -> dict[str, type[Frozen]]:
    """The space of every generative family, by the name that specs call it."""
    union, _ = get_args(GeneratorSpace)
    return {space.model_fields["kind"].default: space for space in get_args(union)}
