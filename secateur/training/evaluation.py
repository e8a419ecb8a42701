"""How well a network does on images."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from secateur.data.images import Images
from secateur.tasks import CLASSIFICATION, Task
from secateur.training.batches import Batches
from secateur.training.preprocess import Normalize, to_float

_BATCH = 256


class Score(NamedTuple):
    """What a network was measured to do.

    Attributes:
        loss: the task's own: mean cross-entropy, in nats, or mean squared error.
        accuracy: the task's score: the share of images answered rightly, in [0, 1], or R².
    """

    loss: float
    accuracy: float


def score(
    network: nn.Module,
    images: Images,
    mean: Sequence[float],
    std: Sequence[float],
    task: Task = CLASSIFICATION,
) -> Score:
    """Loss and accuracy of ``network`` on ``images``, which must not be empty.

    Runs on the network's own device, in evaluation mode; modes are then as before.

    Args:
        network: takes normalised images and returns logits.
        images: what to judge it on.
        mean: of each channel, that it was trained with.
        std: of each channel, that it was trained with.
        task: what it is asked for.
    """
    outputs = logits(network, images, mean, std)
    targets = images.tensors()[1].to(outputs.device)
    accuracy = task.credit(targets)(outputs, targets).double().mean()
    return Score(task.loss(outputs, targets).item(), accuracy.item())


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
