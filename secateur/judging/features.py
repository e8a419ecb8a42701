"""Features that images are compared by: those of a small classifier of the same data.

It is trained here, on the training split alone, and kept. None of this is Inception: a name
such as ``classifier-64/1f0c9ab2`` says what the classifier tells apart, how many features it
has, and which weights made them; distances under two names do not compare.
"""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file
from torch import Tensor, nn

from secateur.data.dataset import Development, digest_of
from secateur.errors import ArtifactError
from secateur.judging.distortions import told_apart
from secateur.models.blocks import convolution
from secateur.records import Recipe
from secateur.scratch import whole
from secateur.training.evaluation import device_of, evaluating
from secateur.training.generative.images import to_signed
from secateur.training.preprocess import Normalize
from secateur.training.supervised import train

FEATURES = 64

_FORMAT = 1  # of the kept file: raise it when what is below changes what it makes
_CHANNELS = (16, 32, 64)
_SMALLEST_SIDE = 4
_BATCH = 500
_RECIPE = Recipe(learning_rate=2e-3, precision="float32")
_IMAGES = 40_000  # seen in a training, where that takes from 2 to 20 epochs
_EPOCHS = (2, 20)


class FeatureNet(nn.Module):
    """A trained classifier, of which the last hidden layer is of interest.

    Args:
        network: of ``_network``, taking normalised images.
        mean: of each channel of the training pixels.
        std: of each channel of the training pixels.
        kind: what it tells apart.
        scale: that features are divided by.
    """

    scale: Tensor

    def __init__(
        self,
        network: nn.Sequential,
        mean: Sequence[float],
        std: Sequence[float],
        kind: str,
        scale: Tensor,
    ) -> None:
        super().__init__()
        self.normalize = Normalize(mean, std)
        self.network = network.eval().requires_grad_(False)
        self.kind = kind
        self.register_buffer("scale", scale)

    @property
    def classes(self) -> int:
        """How many kinds of images are told apart."""
        return int(self.network.get_submodule("head").get_parameter("bias").numel())

    @property
    def name(self) -> str:
        """What the features are and whose: kind, number, and a digest of the weights."""
        digest = hashlib.sha256()
        for value in self.state_dict().values():
            digest.update(value.cpu().contiguous().numpy().tobytes())
        return f"{self.kind}-{FEATURES}/{digest.hexdigest()[:8]}"

    def forward(self, images: Tensor) -> Tensor:
        """Features of images in [-1, 1], float32 (images, 64).

        They are in units in which those of real images have a mean variance of 1, so that
        distances of different data are of one order: 64 is that of an average image, repeated.
        """
        body = self.network.get_submodule("body")
        features: Tensor = body(self.normalize((images + 1) / 2)) / self.scale
        return features

    def classify(self, features: Tensor) -> Tensor:
        """The most likely class of each image, int64 (images,), from its features."""
        head = self.network.get_submodule("head")
        logits: Tensor = head(features.to(device_of(self)) * self.scale)
        return logits.argmax(dim=1).cpu()

    def of(self, images: Tensor) -> Tensor:
        """Features of many images: uint8 pixels or floats in [-1, 1]; in batches, no gradients.

        Returns:
            float32 (images, 64), on the CPU.
        """
        device = device_of(self)
        with evaluating(self), torch.inference_mode():
            parts = [self(_signed(part.to(device))).cpu() for part in torch.split(images, _BATCH)]
        return torch.cat(parts)


def features_for(development: Development, folder: Path, seed: int = 0) -> FeatureNet:
    """The features to judge images of this data by, trained once and kept.

    A classifier of the data's classes where there are two or more. Where there are none it is
    one of distortions, made of the training images themselves; see ``distortions``.
    MNIST takes some 15 seconds of one core, the digits about one.

    Args:
        development: whose training split is learned; uint8 pixels.
        folder: where the weights are kept, under a digest of all that they follow from.
        seed: of initial weights and order.

    Raises:
        ArtifactError: a kept file that cannot be read.
    """
    assert development.train.pixels.dtype == np.uint8, development.train.pixels.dtype
    kind = "classifier" if development.task.counts and development.outputs > 1 else "distortions"
    file = folder / f"features-{_key(development, kind, seed)}.safetensors"
    if file.exists():
        return _kept(file, development, kind)
    found = _trained(development, kind, seed)
    _keep(found, file)
    return found


def _trained(development: Development, kind: str, seed: int) -> FeatureNet:
    lessons = development if kind == "classifier" else told_apart(development, seed)
    network = _network(lessons.input_shape, lessons.outputs, seed)
    epochs = int(np.clip(_IMAGES // len(lessons.train), *_EPOCHS))
    for _ in train(network, lessons, _RECIPE.model_copy(update={"epochs": epochs, "seed": seed})):
        pass
    rough = FeatureNet(network, lessons.mean, lessons.std, kind, torch.ones(()))
    variance = rough.of(development.train.tensors()[0]).double().var(dim=0).mean()
    return FeatureNet(network, lessons.mean, lessons.std, kind, variance.sqrt().float())


def _network(shape: tuple[int, int, int], classes: int, seed: int | None) -> nn.Sequential:
    """Three convolutions, a dense layer of 64 ReLUs, and the head.

    Each convolution halves sides above 4, so that where things are is still known behind it.
    """
    channels, *sides = shape
    with torch.random.fork_rng(devices=[], enabled=seed is not None):
        if seed is not None:
            torch.default_generator.manual_seed(seed)
        body: OrderedDict[str, nn.Module] = OrderedDict()
        for place, wider in enumerate(_CHANNELS, start=1):
            stride = 2 if min(sides) > _SMALLEST_SIDE else 1
            body[f"conv{place}"] = convolution(channels, wider, 3, stride)
            body[f"relu{place}"] = nn.ReLU()
            sides, channels = [(side - 1) // stride + 1 for side in sides], wider
        body["flatten"] = nn.Flatten()
        body["dense"] = nn.Linear(channels * sides[0] * sides[1], FEATURES)
        body["relu"] = nn.ReLU()
        head = nn.Linear(FEATURES, classes)
        return nn.Sequential(OrderedDict(body=nn.Sequential(body), head=head))


def _key(development: Development, kind: str, seed: int) -> str:
    """A digest of the training images, and of how the features follow from them."""
    how = f"{_FORMAT} {kind} {seed} {_RECIPE.model_dump_json()}"
    parts = (how, digest_of(development.train))
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:16]


def _keep(features: FeatureNet, file: Path) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    weights = {name: value.contiguous() for name, value in features.state_dict().items()}
    # Several processes may train the same features at once.
    with whole(file) as partial:
        save_file(weights, partial)


def _kept(file: Path, development: Development, kind: str) -> FeatureNet:
    try:
        state = load_file(file)
        network = _network(development.input_shape, len(state["network.head.bias"]), None)
        found = FeatureNet(network, development.mean, development.std, kind, torch.ones(()))
        found.load_state_dict(state)
    except (SafetensorError, KeyError, RuntimeError) as error:
        raise ArtifactError(
            f"{file}: not the features that were kept ({str(error).splitlines()[0]}); "
            "remove it to have them trained"
        ) from None
    return found


def _signed(images: Tensor) -> Tensor:
    return to_signed(images) if images.dtype == torch.uint8 else images
