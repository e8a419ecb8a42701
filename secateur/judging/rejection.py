"""Images of a generator that all pass the validity test: those that fail are drawn again."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from secateur.errors import StageError
from secateur.judging.validity import ValidityRule, valid
from secateur.training.evaluation import device_of, evaluating

_BATCH = 100
_TRIES_EACH = 100


@dataclass(frozen=True, eq=False)
class Accepted:
    """Valid images and what they cost.

    Attributes:
        images: float32 (n, channels, height, width) in [-1, 1].
        positions: of each among all that were drawn, from 0, rising.
        tried: images that were drawn to get them, the last of them included.
    """

    images: Tensor
    positions: tuple[int, ...]
    tried: int


def sample_valid(
    generator: nn.Module,
    count: int,
    seed: int,
    rule: ValidityRule,
    most_tries: int | None = None,
) -> Accepted:
    """The first ``count`` valid images of those that the generator makes for a seed.

    Noise is drawn as for ``sample``, so that these are images of ``sample(generator, tried,
    seed)`` with the others left out, up to rounding; the same for the same arguments.

    Args:
        generator: maps standard normal noise (n, latent, 1, 1) to images in [-1, 1].
        count: at least 1.
        seed: 0 or more.
        rule: what is valid.
        most_tries: images to draw in all; a hundred for each that is asked for where absent.

    Raises:
        StageError: too few of ``most_tries`` images were valid.
    """
    most = _TRIES_EACH * count if most_tries is None else most_tries
    random = np.random.default_rng(seed)
    latent = generator.latent
    assert isinstance(latent, int), latent
    kept: list[Tensor] = []
    positions: list[int] = []
    for start in range(0, most, _BATCH):
        noise = random.standard_normal((min(_BATCH, most - start), latent)).astype(np.float32)
        images = _made(generator, noise)
        passed = np.flatnonzero(valid(images, rule))[: count - len(positions)]
        kept.append(images[torch.from_numpy(passed)])
        positions += (start + passed).tolist()
        if len(positions) == count:
            return Accepted(torch.cat(kept), tuple(positions), positions[-1] + 1)
    raise StageError(
        f"{len(positions)} of {most} generated images ({len(positions) / most:.1%}) passed the "
        f"validity test; expected {count}: train the generator longer, or allow more tries"
    )


def _made(generator: nn.Module, noise: NDArray[np.float32]) -> Tensor:
    given = torch.from_numpy(noise)[:, :, None, None].to(device_of(generator))
    with evaluating(generator), torch.inference_mode():
        images: Tensor = generator(given)
    return images.cpu()
