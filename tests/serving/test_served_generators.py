"""Generators that were trained a little, saved, and asked through a real Ray Serve."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import numpy as np
import pytest
import torch
from click.testing import CliRunner
from numpy.typing import NDArray
from PIL import Image
from torch import nn

from search.cli import main
from secateur.compression import importance
from secateur.compression.plan import SurgeryPlan
from secateur.data import load
from secateur.generators import save_generator
from secateur.models.registry import takes
from secateur.records import Architecture, GenerativeRecipe
from secateur.spec import DigitsData
from secateur.training.generative import begin, sample, train
from serving import server
from serving.client import generate
from serving.generations import GenerateRequest
from serving.source import FolderSource
from serving.spec import FREE_PORT, ServeSpec

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("ray_session")]

ARGUMENTS: dict[str, int] = {"latent": 16, "width": 8, "critic_width": 8}
WIDTHS_LEFT = 0.5


def trained(channels: int) -> tuple[Architecture, nn.Module]:
    """A DCGAN of digits, grey or in a colour each."""
    grey = torch.from_numpy(load(DigitsData(), seed=0).train.pixels)
    tint = torch.rand(len(grey), channels, 1, 1, generator=torch.Generator().manual_seed(0))
    pixels = grey if channels == 1 else (grey * tint).to(torch.uint8)
    architecture = Architecture(
        name="dcgan", arguments=ARGUMENTS, input_shape=(channels, 8, 8), classes=1
    )
    recipe = GenerativeRecipe(steps=60, interval=60, ema=0.9, precision="float32")
    model = begin(architecture, recipe)
    for _ in train(model, pixels, recipe):
        pass
    return architecture, model.generator


@pytest.fixture(scope="module")
def generators(tmp_path_factory: pytest.TempPathFactory) -> dict[str, tuple[Path, nn.Module]]:
    """Saved generators and the modules that they were saved from, by name."""
    root, found = tmp_path_factory.mktemp("generators"), {}
    for name, channels in (("grey", 1), ("colour", 3)):
        architecture, generator = trained(channels)
        save_generator(root / name, generator, architecture)
        found[name] = (root / name, generator)
        if name == "grey":
            plan = SurgeryPlan.of(generator, takes(architecture))
            widths = tuple(max(1, int(WIDTHS_LEFT * width)) for width in plan.widths)
            kept = importance.keep(importance.l1(generator, plan), widths)
            cut = plan.prune(generator, kept)
            save_generator(root / "cut", cut, architecture, widths, target=WIDTHS_LEFT)
            found["cut"] = (root / "cut", cut)
    return found


@pytest.fixture(scope="module")
def url(ray_session: None, generators: dict[str, tuple[Path, nn.Module]]) -> Iterator[str]:
    sources = [FolderSource(name, folder) for name, (folder, _) in generators.items()]
    with server.running(sources, ServeSpec(port=FREE_PORT)) as url:
        yield url


def pixels(content: bytes) -> NDArray[np.uint8]:
    return np.array(Image.open(io.BytesIO(content), formats=["PNG"]))


def asked(url: str, model: str, n: int, seed: int) -> list[bytes]:
    """Images as PNG files."""
    made = generate(url, model, GenerateRequest(n=n, seed=seed, format="zip"))
    with zipfile.ZipFile(io.BytesIO(made.content)) as archive:
        return [archive.read(name) for name in archive.namelist()]


@pytest.mark.parametrize("model", ["grey", "colour", "cut"])
def test_the_images_of_a_seed_are_those_of_training(
    url: str, model: str, generators: dict[str, tuple[Path, nn.Module]]
) -> None:
    served = np.stack([pixels(file) for file in asked(url, model, 20, 11)]).astype(int)
    images = sample(generators[model][1], 20, seed=11)
    expected = ((images + 1) * 127.5).round().int().permute(0, 2, 3, 1).squeeze(-1).numpy()
    assert expected.std() > 1  # levels; all of one level would be like any other
    # A value that lies between two levels may be rounded to either.
    assert np.abs(served - expected).max() <= 1
    assert (served == expected).mean() > 0.99


def test_a_seed_makes_the_same_images_among_others(url: str) -> None:
    """Whatever is asked at the same time, and however many are asked for."""
    alone = {seed: asked(url, "grey", 9, seed) for seed in range(6)}
    with ThreadPoolExecutor(6) as clients:
        together = list(clients.map(lambda seed: asked(url, "grey", 9, seed), range(6)))
    assert together == [alone[seed] for seed in range(6)]
    assert asked(url, "grey", 4, 3) == alone[3][:4]
    assert len({file for files in alone.values() for file in files}) == 54


def test_a_grid_by_the_command(url: str, tmp_path: Path) -> None:
    file = tmp_path / "images.png"
    command = ["generate", "--model", "colour", "--n", "4", "--seed", "7", "--url", url]
    done = CliRunner().invoke(main, [*command, "--output", str(file)])
    assert (done.exit_code, done.output) == (0, f"{file}: 4 images of seed 7\n")
    grid = pixels(file.read_bytes())
    assert grid.shape == (18, 18, 3)  # 8 + 2 + 8
    first = pixels(asked(url, "colour", 1, 7)[0])
    np.testing.assert_array_equal(grid[:8, :8], first)


def test_metadata(url: str) -> None:
    content = httpx.get(f"{url}/v2/models/cut", timeout=60).json()
    assert content["inputs"][0]["shape"] == [-1, ARGUMENTS["latent"]]
    assert content["outputs"][0]["shape"] == [-1, 1, 8, 8]
    assert content["parameters"]["target"] == WIDTHS_LEFT
