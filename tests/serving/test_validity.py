"""Images that fail the test of validity are made again.

The generator makes a real image of discs where the first value of its noise is above 0, and a
blank one else, no part of whose area a circle explains.
"""

from __future__ import annotations

import base64
import io
import shutil
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper
from PIL import Image

from search.cli import main
from secateur import manifest
from secateur.data.microstructures import simulate
from secateur.errors import ArtifactError
from secateur.generators import add_rule
from secateur.judging.validity import Bounds, ValidityRule
from secateur.manifest import IMAGES_OUTPUT, NOISE_INPUT
from secateur.spec import MicrostructuresData
from serving.catalogue import Catalogue, Open
from serving.generations import Images
from serving.generator import Generator
from serving.limits import Limits
from serving.source import FolderSource
from serving.web import create_app
from tests.serving.kinds import Listen, Refused, SaveModel, Send, ServeFolder

GENERATE = "/v1/models/discs/generate"
SIDE = 64
LIMITS = Limits(images=16, image_pixels=100_000)
RULE = ValidityRule(bounds={"unexplained": Bounds(low=0.0, high=0.5)}, images=1000, allowance=0.03)


@pytest.fixture(scope="module")
def disc() -> NDArray[np.uint8]:
    return simulate(MicrostructuresData(kind="microstructures"), 1, seed=0).pixels[0]


@pytest.fixture(scope="module")
def folder(disc: NDArray[np.uint8], save_generator: SaveModel) -> Path:
    """The generator, saved with its test."""
    constants = {
        "first": np.array([0]),
        "zero": np.array([0], np.float32),
        "shape": np.array([-1, 1, 1, 1]),
        "disc": disc[np.newaxis].astype(np.float32) / 255,
        "blank": np.full((1, 1, SIDE, SIDE), 0.5, np.float32),
    }
    nodes = [
        helper.make_node("Gather", [NOISE_INPUT, "first"], ["value"], axis=1),
        helper.make_node("Greater", ["value", "zero"], ["above"]),
        helper.make_node("Reshape", ["above", "shape"], ["choice"]),
        helper.make_node("Where", ["choice", "disc", "blank"], [IMAGES_OUTPUT]),
    ]
    shape = ["n", 1, SIDE, SIDE]
    body = helper.make_graph(
        nodes,
        "discs",
        [helper.make_tensor_value_info(NOISE_INPUT, TensorProto.FLOAT, ["n", 2])],
        [helper.make_tensor_value_info(IMAGES_OUTPUT, TensorProto.FLOAT, shape)],
        [numpy_helper.from_array(value, name) for name, value in constants.items()],
    )
    model = helper.make_model(body, opset_imports=[helper.make_opsetid("", 18)], ir_version=10)
    saved = save_generator(side=SIDE, content=model.SerializeToString())
    add_rule(saved, RULE)
    return saved


@pytest.fixture(scope="module")
def make(serve_folder: ServeFolder, folder: Path) -> Send:
    return serve_folder(folder, LIMITS, name="discs")


def drawn(seed: int, count: int) -> NDArray[np.bool_]:
    """Which of the first images of a seed are of discs."""
    return np.random.default_rng(seed).standard_normal((count, 2))[:, 0] > 0


def test_only_valid_images_come_and_the_tries_are_told(make: Send, disc: NDArray[np.uint8]) -> None:
    asked = {"n": 12, "seed": 5, "valid": True, "format": "json"}
    answer = make("POST", GENERATE, json=asked)
    assert answer.status_code == 200, answer.text
    made = [
        np.array(Image.open(io.BytesIO(base64.b64decode(file)), formats=["PNG"]))
        for file in Images.from_json(answer.content).images
    ]
    assert len(made) == 12
    for image in made:
        np.testing.assert_array_equal(image, disc[0])
    # The twelfth that is above 0 was the last to be made.
    tried = int(np.flatnonzero(drawn(5, 100))[11]) + 1
    assert tried > 12
    assert answer.headers["x-tried"] == str(tried)
    assert make("POST", GENERATE, json=asked).content == answer.content


def test_without_the_wish_all_images_come(make: Send) -> None:
    answer = make("POST", GENERATE, json={"n": 12, "seed": 5, "format": "json"})
    assert "x-tried" not in answer.headers
    # All blank images are the same file, and all of discs are.
    assert len(set(Images.from_json(answer.content).images)) == 2


def test_a_model_without_a_test(
    serve_folder: ServeFolder, generator: Path, refused: Refused
) -> None:
    send = serve_folder(generator, name="halves")
    words = "model 'halves' has no test of validity"
    refused(send("POST", "/v1/models/halves/generate", json={"valid": True}), 400, words)
    assert send("POST", "/v1/models/halves/generate", json={"valid": False}).status_code == 200


def test_a_generator_that_never_passes(
    serve_folder: ServeFolder, folder: Path, refused: Refused, tmp_path: Path
) -> None:
    strict = shutil.copytree(folder, tmp_path / "strict")
    never = {"fraction": Bounds(low=2.0, high=3.0)}
    add_rule(strict, RULE.model_copy(update={"bounds": never}))
    send = serve_folder(strict, LIMITS, name="discs")
    refused(
        send("POST", GENERATE, json={"n": 1, "seed": 3, "valid": True}),
        500,
        "0 of 100 images of seed 3 passed the test of validity; expected 1",
    )


def test_a_rule_that_cannot_be_read(save_generator: SaveModel) -> None:
    folder = save_generator()
    (folder / manifest.VALIDITY).write_text("{}")
    manifest.write(folder, manifest.read(folder))
    with pytest.raises(ArtifactError, match=r"validity\.json: no test of validity: Field requ"):
        Generator.load(folder)


def test_by_the_command(
    folder: Path,
    opened: Open,
    listen: Listen,
    tmp_path: Path,
) -> None:
    file = tmp_path / "discs.png"
    catalogue = Catalogue.load([FolderSource("discs", folder)], opened)
    command = ["generate", "--model", "discs", "--n", "1", "--valid", "--output", str(file)]
    first_valid = next(seed for seed in range(50) if not drawn(seed, 1)[0] and drawn(seed, 2)[1])
    with listen(create_app(catalogue, LIMITS)) as address:
        seed = ["--seed", str(first_valid), "--url", f"http://{address}"]
        done = CliRunner().invoke(main, [*command, *seed])
    told = f"{file}: 1 valid image of seed {first_valid}, 2 tried\n"
    assert (done.exit_code, done.output) == (0, told)
