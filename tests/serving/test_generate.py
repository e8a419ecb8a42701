"""The route that makes images, without Ray and without a socket."""

from __future__ import annotations

import base64
import io
import zipfile
from pathlib import Path

import httpx
import numpy as np
import pytest
from PIL import Image

from secateur import manifest
from secateur.records import GeneratorFigures, Likeness
from serving.generations import Images
from serving.generator import Generator
from serving.keys import Keys
from serving.limits import Limits
from tests.serving.kinds import Refused, SaveModel, Send, ServeFolder

GENERATE = "/v1/models/halves/generate"
INFER = "/v2/models/halves/infer"
# sigmoid(0.00123015) and sigmoid(0.29874554), the first noise of seed 7, times 255
SEED_7 = [128, 128, 146, 146]
# printf %s one | sha256sum
KEYS = "anna 7692c3ad3540bb803c020b3aee66cd8887123234ea0c6e7143c0add73ff431ed halves"


@pytest.fixture(scope="module")
def make(serve_folder: ServeFolder, generator: Path) -> Send:
    """Sends a request to the app with the generator ``halves``."""
    return serve_folder(generator, name="halves")


def pixels(content: bytes) -> np.ndarray:
    return np.array(Image.open(io.BytesIO(content), formats=["PNG"]))


def files(answer: httpx.Response) -> list[bytes]:
    return [base64.b64decode(text) for text in Images.from_json(answer.content).images]


def test_one_image_of_a_seed(make: Send) -> None:
    answer = make("POST", GENERATE, json={"seed": 7})
    assert (answer.status_code, answer.headers["content-type"]) == (200, "image/png")
    assert answer.headers["x-seed"] == "7"
    np.testing.assert_array_equal(pixels(answer.content), [SEED_7] * 4)


def test_a_grid(make: Send) -> None:
    """Five images of 4 x 4 in two rows of three, two white pixels apart."""
    whole = pixels(make("POST", GENERATE, json={"n": 5, "seed": 7}).content)
    assert whole.shape == (4 + 2 + 4, 4 + 2 + 4 + 2 + 4)
    single = files(make("POST", GENERATE, json={"n": 5, "seed": 7, "format": "json"}))
    for index, (top, left) in enumerate([(0, 0), (0, 6), (0, 12), (6, 0), (6, 6)]):
        np.testing.assert_array_equal(whole[top : top + 4, left : left + 4], pixels(single[index]))
        whole[top : top + 4, left : left + 4] = 255
    assert (whole == 255).all()


def test_the_first_images_of_a_seed_do_not_depend_on_their_number(make: Send) -> None:
    few = files(make("POST", GENERATE, json={"n": 3, "seed": 11, "format": "json"}))
    many = files(make("POST", GENERATE, json={"n": 8, "seed": 11, "format": "json"}))
    assert (len(few), len(set(many))) == (3, 8)
    assert many[:3] == few


def test_a_seed_is_drawn_and_told(make: Send) -> None:
    first = make("POST", GENERATE)
    second = make("POST", GENERATE, json={"seed": None})
    assert first.headers["x-seed"] != second.headers["x-seed"]
    again = make("POST", GENERATE, json={"seed": int(first.headers["x-seed"])})
    assert again.content == first.content


def test_json_says_who_made_what(make: Send) -> None:
    answer = make("POST", GENERATE, json={"n": 2, "seed": 7, "format": "json"})
    assert answer.headers["content-type"] == "application/json"
    images = Images.from_json(answer.content)
    assert (images.model, images.version, images.seed) == ("halves", "7", 7)
    np.testing.assert_array_equal(pixels(files(answer)[0]), [SEED_7] * 4)


def test_an_archive(make: Send) -> None:
    asked = {"n": 3, "seed": 7, "format": "zip"}
    answer = make("POST", GENERATE, json=asked)
    assert answer.headers["content-type"] == "application/zip"
    with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
        assert archive.namelist() == ["000.png", "001.png", "002.png"]
        np.testing.assert_array_equal(pixels(archive.read("000.png")), [SEED_7] * 4)
    assert make("POST", GENERATE, json=asked).content == answer.content


@pytest.mark.parametrize(
    ("accept", "kind"),
    [
        ("application/json", "application/json"),
        ("text/html, application/zip;q=0.9, image/png;q=0.8", "application/zip"),
        ("*/*", "image/png"),
        ("text/html", "image/png"),
    ],
)
def test_accept(make: Send, accept: str, kind: str) -> None:
    answer = make("POST", GENERATE, headers={"Accept": accept})
    assert answer.headers["content-type"] == kind
    asked = make("POST", GENERATE, headers={"Accept": accept}, json={"format": "png"})
    assert asked.headers["content-type"] == "image/png"


def test_colour(serve_folder: ServeFolder, save_generator: SaveModel) -> None:
    send = serve_folder(save_generator(channels=3), name="halves")
    answer = send("POST", GENERATE, json={"seed": 7})
    np.testing.assert_array_equal(pixels(answer.content)[0], [[level] * 3 for level in SEED_7])


@pytest.mark.parametrize(
    ("body", "status", "words"),
    [
        ({"json": {"n": 0}}, 400, "n: Input should be greater than or equal to 1"),
        ({"json": {"n": 1.5}}, 400, "n: Input should be a valid integer"),
        ({"json": {"n": "2"}}, 400, "n: Input should be a valid integer"),
        ({"json": {"n": True}}, 400, "n: Input should be a valid integer"),
        ({"json": {"seed": -1}}, 400, "seed: Input should be greater than or equal to 0"),
        ({"json": {"seed": 2**53}}, 400, "seed: Input should be less than or equal to"),
        ({"json": {"format": "gif"}}, 400, "format: Input should be 'png', 'json' or 'zip'"),
        ({"json": {"number": 2}}, 400, "number: Extra inputs are not permitted"),
        ({"json": [2]}, 400, "body: Input should be an object"),
        ({"content": b"{"}, 400, "body: Invalid JSON"),
        ({"json": {"n": 9}}, 413, "9 images in a request; at most 8"),
        ({"content": b" " * 4097}, 413, "exceeds 4096 bytes"),
        ({"content": b"n=2", "headers": {"Content-Type": "text/plain"}}, 415, "'text/plain'"),
    ],
)
def test_bodies_that_are_refused(
    make: Send, refused: Refused, body: dict[str, object], status: int, words: str
) -> None:
    refused(make("POST", GENERATE, **body), status, words)


def test_the_limit_of_pixels_holds_for_what_is_made(
    serve_folder: ServeFolder, generator: Path, refused: Refused
) -> None:
    send = serve_folder(generator, Limits(image_pixels=47), name="halves")
    assert send("POST", GENERATE, json={"n": 2}).status_code == 200
    refused(send("POST", GENERATE, json={"n": 3}), 413, "3 images of 4 x 4 pixels; at most 47")
    noise = {"name": "noise", "shape": [3, 2], "datatype": "FP32", "data": [0] * 6}
    refused(send("POST", INFER, json={"inputs": [noise]}), 413, "at most 47")


def test_the_memory_of_what_is_made_is_bounded(
    serve_folder: ServeFolder, generator: Path, refused: Refused
) -> None:
    send = serve_folder(generator, Limits(held_bytes=100), name="halves")
    assert send("POST", GENERATE).status_code == 200  # 4 bytes for each of 16 pixels
    refused(send("POST", GENERATE, json={"n": 2}), 429, "fill the memory")


def test_channels_that_no_picture_has(
    serve_folder: ServeFolder, save_generator: SaveModel, refused: Refused
) -> None:
    send = serve_folder(save_generator(channels=2), name="halves")
    refused(send("POST", GENERATE), 400, "makes 2 channels")


def test_each_route_wants_its_kind_of_model(make: Send, send: Send, refused: Refused) -> None:
    words = "model 'halves' is for generation; expected one for classification"
    refused(make("POST", "/v1/models/halves/classify", content=b"x"), 400, words)
    words = "model 'brightness' is for classification; expected one for generation"
    refused(send("POST", "/v1/models/brightness/generate"), 400, words)
    refused(send("POST", GENERATE), 404, "model 'halves' is not served here")


def test_keys(serve_folder: ServeFolder, generator: Path, refused: Refused) -> None:
    keys = Keys.parse(KEYS, "keys")
    send = serve_folder(generator, name="halves", keys=keys)
    refused(send("POST", GENERATE), 401, "an API key is needed")
    assert send("POST", GENERATE, headers={"X-API-Key": "one"}).status_code == 200


def test_metrics(make: Send) -> None:
    make("POST", GENERATE)
    assert 'secateur_requests_total{model="halves",status="200"' in make("GET", "/metrics").text


def test_the_list_of_models(make: Send) -> None:
    (model,) = make("GET", "/v1/models").json()["models"]
    assert (model["task"], model["image_shape"]) == ("generation", [1, 4, 4])
    assert (model["labels"], model["figures"]) == ([], None)


def test_metadata(make: Send) -> None:
    content = make("GET", "/v2/models/halves").json()
    assert content["inputs"] == [{"name": "noise", "datatype": "FP32", "shape": [-1, 2]}]
    assert content["outputs"] == [{"name": "images", "datatype": "FP32", "shape": [-1, 1, 4, 4]}]
    assert content["parameters"]["task"] == "generation"


LIKENESS = Likeness(judge="digits", images=500, distance=1.5, kernel_distance=0.01, coverage=0.9,
                    collapsed=False)  # fmt: skip
MEASURED = GeneratorFigures(
    likeness=LIKENESS, flops=300, parameters=30, size_bytes=1200, latency_ms=0.1
)


def test_figures_are_told(serve_folder: ServeFolder, save_generator: SaveModel) -> None:
    folder = save_generator()
    content = manifest.read(folder)
    dense = MEASURED.model_copy(update={"flops": 1000})
    manifest.write(folder, content.model_copy(update={"figures": MEASURED, "dense_figures": dense}))
    send = serve_folder(folder, name="halves")
    (listed,) = send("GET", "/v1/models").json()["models"]
    for told in (listed, send("GET", "/v2/models/halves").json()["parameters"]):
        assert told["figures"] == MEASURED.model_dump(mode="json")
        assert told["figures"]["likeness"]["distance"] == 1.5
        assert (told["figures"]["flops"], told["dense_figures"]["flops"]) == (300, 1000)


def noise(network: Generator, **changes: object) -> dict[str, object]:
    data = network.noise(2, 7)
    tensor = {"name": "noise", "shape": [2, 2], "datatype": "FP32", "data": data.tolist()}
    return {"inputs": [tensor | changes]}


def test_inference(make: Send, generator: Path) -> None:
    (output,) = make("POST", INFER, json=noise(Generator.load(generator))).json()["outputs"]
    assert (output["name"], output["shape"]) == ("images", [2, 1, 4, 4])
    np.testing.assert_allclose(output["data"][:4], np.array(SEED_7) / 255, atol=0.5 / 255)


def test_inference_with_bytes(make: Send, generator: Path) -> None:
    asked = noise(Generator.load(generator)) | {"parameters": {"binary_data_output": True}}
    answer = make("POST", INFER, json=asked)
    length = int(answer.headers["inference-header-content-length"])
    images = np.frombuffer(answer.content[length:], "<f4").reshape(2, 1, 4, 4)
    np.testing.assert_allclose(images[0, 0, 0], np.array(SEED_7) / 255, atol=0.5 / 255)


def test_inferences_that_are_refused(make: Send, generator: Path, refused: Refused) -> None:
    network = Generator.load(generator)
    best = [{"name": "images", "parameters": {"classification": 1}}]
    words = "model 'halves' is for generation; expected one for classification"
    refused(make("POST", INFER, json=noise(network) | {"outputs": best}), 400, words)
    shape = "shape [2, 3] does not fit; expected [n >= 1, 2]"
    refused(make("POST", INFER, json=noise(network, shape=[2, 3])), 400, shape)
    name = "inputs ['images'] do not fit; expected one, 'noise'"
    refused(make("POST", INFER, json=noise(network, name="images")), 400, name)


def test_long_answers_come_as_bytes(
    serve_folder: ServeFolder, generator: Path, refused: Refused
) -> None:
    send = serve_folder(generator, Limits(json_bytes=500), name="halves")  # 31 values
    asked = noise(Generator.load(generator))  # 32
    refused(send("POST", INFER, json=asked), 413, "the answer has 32 values; JSON holds at most 31")
    asked["parameters"] = {"binary_data_output": True}
    assert send("POST", INFER, json=asked).status_code == 200
