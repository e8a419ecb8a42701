"""Generators on disk: saved and rebuilt as any network is, served from noise to pixels."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from torch import nn

from secateur import artifacts, manifest
from secateur.errors import ArtifactError
from secateur.manifest import Manifest
from secateur.records import Architecture
from secateur.scratch import whole

if TYPE_CHECKING:
    from secateur.judging.validity import ValidityRule


def save_generator(
    folder: Path,
    generator: nn.Module,
    architecture: Architecture,
    widths: Sequence[int] | None = None,
    target: float = 0.0,
) -> Manifest:
    """Write weights, graph and manifest of a generator into ``folder``, made where absent.

    The graph takes float32 noise (n, latent), standard normal, and makes float32 pixels
    (n, channels, height, width) in [0, 1].

    Args:
        folder: of the model.
        generator: takes noise (n, latent, 1, 1) and makes images in [-1, 1].
        architecture: of the dense network; its input shape is that of the images.
        widths: channels kept a group; absent for the dense network itself.
        target: share of FLOPs that was to be cut.

    Returns:
        The manifest as written.
    """
    channels = architecture.input_shape[0]
    content = Manifest(
        task="generation",
        architecture=architecture,
        widths=None if widths is None else tuple(widths),
        labels=(),
        # Pixels in [0, 1] are moved to [-1, 1] for training: less a half, over a half.
        mean=(0.5,) * channels,
        std=(0.5,) * channels,
        target=target,
    )
    return artifacts.save(folder, generator, content)


def add_rule(folder: Path, rule: ValidityRule) -> Manifest:
    """Save beside a generator what tells those of its images that could be real from others.

    Who serves it can then be asked for valid images alone.

    Args:
        folder: of a saved generator.
        rule: learned from real images like those that it was trained on.

    Returns:
        The manifest as written.

    Raises:
        ArtifactError: a file is missing or altered.
    """
    content = manifest.read(folder)
    with whole(folder / manifest.VALIDITY) as partial:
        partial.write_text(rule.model_dump_json(indent=2) + "\n", "utf-8")
    return manifest.write(folder, content)


def load_generator(folder: Path) -> tuple[nn.Module, Manifest]:
    """Rebuild the generator saved in ``folder``, in evaluation mode.

    Raises:
        ArtifactError: a file is missing or altered, the weights do not fit, or the model does
            something else.
    """
    generator, content = artifacts.load(folder)
    if content.task != "generation":
        raise ArtifactError(f"{folder}: task {content.task}; expected a model for generation")
    return generator, content
