"""Generators of every family on disk: the same network back, and the same images from its graph."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from secateur import artifacts, manifest
from secateur.compression import importance
from secateur.compression.plan import SurgeryPlan
from secateur.errors import ArtifactError
from secateur.generators import load_generator, save_generator
from secateur.manifest import Manifest
from secateur.models.generators import build_generator, families
from secateur.models.registry import build, takes
from secateur.records import Architecture
from secateur.training.generative import noise, sample
from serving.generator import Generator

ARGUMENTS: dict[str, dict[str, object]] = {
    "mlp-gan": {"latent": 16, "width": 0.125},
    "dcgan": {"latent": 16, "width": 8},
    "vae": {"latent": 8, "width": 8, "encoder_width": 8},
    "vae-gan": {"latent": 8, "width": 8, "encoder_width": 8, "critic_width": 8},
    "diffusion": {"width": 8, "sampling_steps": 3},
}
COLOUR = Architecture(
    name="dcgan", arguments=ARGUMENTS["dcgan"], input_shape=(3, 12, 12), classes=1
)


def architecture(family: str) -> Architecture:
    return Architecture(name=family, arguments=ARGUMENTS[family], input_shape=(1, 8, 8), classes=1)


def settled(architecture: Architecture) -> torch.nn.Module:
    """A generator that makes more than grey, and whose running statistics are its own."""
    generator = build_generator(architecture, seed=1).train()
    with torch.no_grad():
        for weights in (one for one in generator.parameters() if one.dim() > 1):
            # Initial weights of a DCGAN have a deviation of 0.02.
            weights.mul_(max(1.0, 0.1 / float(weights.std())))
        generator(noise(takes(architecture)[0], 64, seed=3))
    return generator


def test_every_family_is_tried() -> None:
    assert set(ARGUMENTS) == set(families())


@pytest.mark.parametrize("family", ARGUMENTS)
def test_a_generator_comes_back_and_its_graph_makes_its_images(family: str, tmp_path: Path) -> None:
    generator = settled(architecture(family))
    saved = save_generator(tmp_path / "model", generator, architecture(family))
    assert generator.training
    assert b".py" not in (tmp_path / "model" / manifest.GRAPH).read_bytes()
    again, content = load_generator(tmp_path / "model")
    assert (content, again.training, content.task) == (saved, False, "generation")
    images = sample(generator, 5, seed=7)
    torch.testing.assert_close(sample(again, 5, seed=7), images, rtol=0, atol=0)

    served = Generator.load(tmp_path / "model")
    made = served.run(served.noise(5, 7))
    assert images.std() > 0.02  # an image of nothing would pass for any other
    # float32 sums in another order; a pixel in 8 bits is 0.004 wide.
    np.testing.assert_allclose(made, (images.numpy() + 1) / 2, atol=2e-5)


def test_a_pruned_generator_comes_back(tmp_path: Path) -> None:
    dense = settled(COLOUR)
    plan = SurgeryPlan.of(dense, takes(COLOUR))
    widths = tuple(max(1, width // 3) for width in plan.widths)
    pruned = plan.prune(dense, importance.keep(importance.l1(dense, plan), widths))
    content = save_generator(tmp_path / "model", pruned, COLOUR, widths, target=0.7)
    assert (content.widths, content.target) == (widths, 0.7)
    again, _ = load_generator(tmp_path / "model")
    images = sample(pruned, 4, seed=0)
    torch.testing.assert_close(sample(again, 4, seed=0), images, rtol=0, atol=0)
    served = Generator.load(tmp_path / "model")
    assert (served.input_shape, served.output_shape) == ((16,), (3, 12, 12))
    np.testing.assert_allclose(served.run(served.noise(4, 0)), (images.numpy() + 1) / 2, atol=2e-5)


def test_a_classifier_is_no_generator(tmp_path: Path) -> None:
    mlp = Architecture(name="mlp", input_shape=(1, 4, 4), classes=2)
    content = Manifest(architecture=mlp, labels=("a", "b"), mean=(0.0,), std=(1.0,))
    artifacts.save(tmp_path, build(mlp, seed=0), content)
    with pytest.raises(ArtifactError, match="task classification; expected a model for gener"):
        load_generator(tmp_path)
