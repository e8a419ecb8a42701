"""What the networks of several generative families are made of."""

from __future__ import annotations

from collections import OrderedDict

from torch import Tensor, nn

from secateur.models.blocks import activation as activation_layer
from secateur.models.blocks import normalization
from secateur.models.generators.geometry import Step, smallest, steps
from secateur.models.generators.whole_map import MapToPixel, PixelToMap

_SLOPE = 0.2  # of the leaky ReLU in Radford et al. 2016
_WIDEST = 8  # no layer has more channels than so many times the narrowest
_DEVIATION = 0.02  # of initial weights in Radford et al. 2016


class Generator(nn.Sequential):
    """Layers that turn noise (n, latent, 1, 1) into images (n, channels, height, width).

    Attributes:
        latent: number of values that an image is made of.
    """

    def __init__(self, layers: OrderedDict[str, nn.Module], latent: int) -> None:
        super().__init__(layers)
        self.latent = latent


class Critic(nn.Module):
    """Layers that say how real an image is.

    Attributes:
        features: images (n, channels, height, width) -> features.
        head: features -> one number an image.
    """

    def __init__(self, features: nn.Sequential, head: nn.Module) -> None:
        super().__init__()
        self.features, self.head = features, head

    def forward(self, images: Tensor) -> Tensor:
        """(n, channels, height, width) -> logits (n,), high for real images."""
        return self.rate(self.features(images))

    def rate(self, features: Tensor) -> Tensor:
        """What ``forward`` says of images with these features."""
        logits: Tensor = self.head(features)
        return logits.flatten()


def activation(name: str) -> nn.Module:
    """A new activation layer; the slope of ``leaky-relu`` is 0.2."""
    return nn.LeakyReLU(_SLOPE) if name == "leaky-relu" else activation_layer(name)


def convolutional_generator(
    image_shape: tuple[int, int, int],
    latent: int,
    width: int,
    activate: str = "relu",
    normalize: str = "batch",
) -> Generator:
    """Transposed convolutions from one pixel of ``latent`` channels to an image in [-1, 1].

    The stem is a transposed convolution as well: channels of a dense layer that is reshaped
    into a map could not be pruned.

    Args:
        image_shape: (channels, height, width).
        latent: values that an image is made of.
        width: channels of the last hidden layer; twice as many each step before it, up to 8
            times as many.
        activate: behind all layers but the last, which has a hyperbolic tangent.
        normalize: before these activations, see ``blocks.normalization``.
    """
    down, biased = steps(image_shape), normalize == "none"
    channels = _channels(width, max(1, len(down)))[::-1]
    stem = PixelToMap(latent, channels[0], smallest(image_shape), bias=biased)
    layers = OrderedDict([("stem", stem), *_behind("stem", channels[0], activate, normalize)])
    for number, step in enumerate(reversed(down[1:]), start=1):
        name, made = f"up{number}", channels[number]
        layers[name] = _up(channels[number - 1], made, step, bias=biased)
        layers.update(_behind(name, made, activate, normalize))
    layers["output"] = (
        _up(channels[-1], image_shape[0], down[0], bias=True)
        if down
        else nn.Conv2d(channels[-1], image_shape[0], 1)
    )
    layers["tanh"] = nn.Tanh()
    return Generator(layers, latent)


def convolutional_features(
    image_shape: tuple[int, int, int],
    width: int,
    activate: str = "leaky-relu",
    normalize: str = "batch",
) -> tuple[nn.Sequential, int]:
    """Convolutions that halve an image down to a small map, and the channels of this map.

    Args:
        image_shape: (channels, height, width).
        width: channels of the first layer; twice as many each step behind it, up to 8 times
            as many.
        activate: behind all layers.
        normalize: before these activations, but for the first.
    """
    down = steps(image_shape)
    channels = _channels(width, max(1, len(down)))
    layers: OrderedDict[str, nn.Module] = OrderedDict()
    if not down:
        layers["down1"] = nn.Conv2d(image_shape[0], width, 1)
        layers.update(_behind("down1", width, activate, "none"))
    given = image_shape[0]
    for number, (step, made) in enumerate(zip(down, channels, strict=False), start=1):
        name, norm = f"down{number}", normalize if number > 1 else "none"
        layers[name] = nn.Conv2d(
            given, made, step.kernel, step.stride, step.padding, bias=norm == "none"
        )
        layers.update(_behind(name, made, activate, norm))
        given = made
    return nn.Sequential(layers), channels[-1]


def convolutional_critic(
    image_shape: tuple[int, int, int],
    width: int,
    activate: str = "leaky-relu",
    normalize: str = "batch",
) -> Critic:
    """``convolutional_features``, and a convolution over all of their map."""
    features, channels = convolutional_features(image_shape, width, activate, normalize)
    return Critic(features, MapToPixel(channels, 1, smallest(image_shape)))


def initialise(*networks: nn.Module) -> None:
    """Weights of convolutions and scales of batch norms as in Radford et al. 2016, in place.

    Weights are normal around 0 with deviation 0.02, scales around 1; biases are 0.
    """
    for module in (module for network in networks for module in network.modules()):
        if isinstance(module, nn.Conv2d | nn.ConvTranspose2d):
            nn.init.normal_(module.weight, 0.0, _DEVIATION)
        elif isinstance(module, nn.BatchNorm2d):
            nn.init.normal_(module.weight, 1.0, _DEVIATION)
        else:
            continue
        if module.bias is not None:
            nn.init.zeros_(module.bias)


def _channels(width: int, count: int) -> list[int]:
    """Channels of layers from the full size down."""
    return [width * min(2**number, _WIDEST) for number in range(count)]


def _up(given: int, made: int, step: Step, *, bias: bool) -> nn.ConvTranspose2d:
    return nn.ConvTranspose2d(given, made, step.kernel, step.stride, step.padding, bias=bias)


def _behind(name: str, channels: int, activate: str, normalize: str) -> list[tuple[str, nn.Module]]:
    """What follows a layer, by name: its normalisation, if any, and its activation."""
    norm = [] if normalize == "none" else [(f"{name}-norm", normalization(normalize, channels))]
    return [*norm, (f"{name}-activation", activation(activate))]
