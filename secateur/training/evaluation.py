"""How well a network does on images."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional as F

from secateur.data.images import Images
from secateur.training.batches import Batches
from secateur.training.preprocess import Normalize, to_float

_BATCH = 256


class Score(NamedTuple):
    """What a network was measured to do.

    Attributes:
        loss: mean cross-entropy, in nats.
        accuracy: share of images answered rightly, in [0, 1].
    """

    loss: float
    accuracy: float


def score(network: nn.Module, images: Images, mean: Sequence[float], std: Sequence[float]) -> Score:
    """Loss and accuracy of ``network`` on ``images``, which must not be empty.

    Runs on the network's own device, in evaluation mode; modes are then as before.

    Args:
        network: takes normalised images and returns logits.
        images: what to judge it on.
        mean: of each channel, that it was trained with.
        std: of each channel, that it was trained with.
    """
    outputs = logits(network, images, mean, std)
    labels = images.tensors()[1].to(outputs.device)
    loss = F.cross_entropy(outputs, labels)
    accuracy = (outputs.argmax(dim=1) == labels).double().mean()
    return Score(loss.item(), accuracy.item())


def predict(
    network: nn.Module, images: Images, mean: Sequence[float], std: Sequence[float]
) -> NDArray[np.int64]:
    """The most likely class of each image, int64 (images,); otherwise as ``score``."""
    classes: NDArray[np.int64] = logits(network, images, mean, std).argmax(dim=1).cpu().numpy()
    return classes


def logits(
    network: nn.Module, images: Images, mean: Sequence[float], std: Sequence[float]
) -> Tensor:
    """Logits of each image, float32 (images, classes); otherwise as ``score``."""
    assert len(images) > 0
    device = device_of(network)
    normalize = Normalize(mean, std).to(device)
    batches = Batches(images, _BATCH, device)
    with evaluating(network), torch.inference_mode():
        return torch.cat([network(normalize(to_float(pixels))) for pixels, _ in batches.in_order()])


@contextmanager
def evaluating(network: nn.Module) -> Iterator[None]:
    """Evaluation mode inside; every module is in its own mode again afterwards."""
    training = [module for module in network.modules() if module.training]
    network.eval()
    try:
        yield
    finally:
        for module in training:
            module.training = True


def device_of(network: nn.Module) -> torch.device:
    """Where the parameters of ``network`` are; it must have some, all in one place."""
    return next(network.parameters()).device
