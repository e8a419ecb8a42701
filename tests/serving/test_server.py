"""Through a real Ray Serve on loopback."""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import numpy as np
import pytest
from PIL import Image
from ray import serve

from serving import server
from serving.client import check_ready, classify
from serving.errors import ServerResponseError, ServerStartError, UnreachableError
from serving.limits import Limits
from serving.source import FolderSource
from serving.spec import FREE_PORT, ServeSpec

SPEC = ServeSpec(port=FREE_PORT, limits=Limits(body_bytes=20_000))

pytestmark = pytest.mark.usefixtures("ray_session")


@pytest.fixture(scope="module")
def url(ray_session: None, save_model: Callable[..., Path], saved: Path) -> Iterator[str]:
    sources = [FolderSource("brightness", saved, "7"), FolderSource("steep", save_model(gain=8.0))]
    with server.running(sources, SPEC) as url:
        yield url
    with pytest.raises(UnreachableError):
        check_ready(url)
    assert not serve.status().proxies


def picture(level: int) -> bytes:
    file = io.BytesIO()
    Image.new("L", (4, 4), level).save(file, "PNG")
    return file.getvalue()


def bright(level: float, gain: float = 4.0) -> float:
    return float(1 / (1 + np.exp(-gain * (level - 0.5))))


def infer(url: str, levels: list[float]) -> httpx.Response:
    data = np.repeat(levels, 16).tolist()
    shape = [len(levels), 1, 4, 4]
    images = {"name": "images", "shape": shape, "datatype": "FP32", "data": data}
    return httpx.post(f"{url}/v2/models/brightness/infer", json={"inputs": [images]}, timeout=60)


@pytest.mark.parametrize("path", ["/v2/health/live", "/v2/health/ready", "/v2", "/v1/models"])
def test_health_and_lists(url: str, path: str) -> None:
    assert httpx.get(url + path, timeout=60).status_code == 200


def test_the_page(url: str) -> None:
    page = httpx.get(url, timeout=60)
    assert page.status_code == 200
    assert page.headers["content-type"].startswith("text/html")
    assert "<title>" in page.text


def test_metadata(url: str) -> None:
    content = httpx.get(f"{url}/v2/models/brightness/versions/7", timeout=60).json()
    assert content["parameters"]["labels"] == ["dark", "bright"]
    assert httpx.get(f"{url}/v2/models/steep/ready", timeout=60).json() == {
        "name": "steep",
        "ready": True,
    }


def test_inference(url: str) -> None:
    (output,) = infer(url, [0, 0.5, 1]).json()["outputs"]
    assert output["shape"] == [3, 2]
    assert output["data"][1::2] == pytest.approx([0.1192029, 0.5, 0.8807971])


def test_classification(url: str) -> None:
    prediction = classify(url, "brightness", picture(255))
    assert (prediction.model, prediction.version, prediction.label) == ("brightness", "7", "bright")
    assert prediction.probabilities == pytest.approx({"dark": 0.1192029, "bright": 0.8807971})


def test_concurrent_requests_each_get_their_own_answer(url: str) -> None:
    def ask(number: int) -> tuple[float, float]:
        model, gain = ("steep", 8.0) if number % 2 else ("brightness", 4.0)
        answer = classify(url, model, picture(number))
        return answer.probabilities["bright"], bright(number / 255, gain)

    def ask_several(number: int) -> tuple[list[float], list[float]]:
        levels = [number / 10, 0.25, 1 - number / 10]
        (output,) = infer(url, levels).json()["outputs"]
        return output["data"][1::2], [bright(level) for level in levels]

    with ThreadPoolExecutor(8) as pool:
        answers = [*pool.map(ask, range(0, 255, 5)), *pool.map(ask_several, range(10))]
    for found, expected in answers:
        assert found == pytest.approx(expected, rel=1e-5)


@pytest.mark.parametrize(
    ("model", "content", "status", "message"),
    [
        ("other", b"", 404, "model 'other' is not served here"),
        ("brightness", b"words", 415, "not a readable picture"),
        ("brightness", b"x" * 20_001, 413, "exceeds 20000 bytes"),
        ("brightness", b"x" * 20_000_000, 413, "exceeds 20000 bytes"),
    ],
)
def test_errors(url: str, model: str, content: bytes, status: int, message: str) -> None:
    with pytest.raises(ServerResponseError, match=message) as error:
        classify(url, model, content)
    assert error.value.status == status


def test_bad_tensors_leave_the_server_well(url: str) -> None:
    answer = infer(url, [float(np.float32(3e38))])
    assert answer.status_code == 500
    assert answer.json() == {"error": "the model returned values that are not finite"}
    assert infer(url, [1]).status_code == 200


def test_a_second_server_is_refused_and_the_first_stays(url: str, saved: Path) -> None:
    with pytest.raises(ServerStartError, match="already runs"):
        server.start([FolderSource("m", saved)], SPEC)
    assert httpx.get(f"{url}/v2/health/ready", timeout=60).status_code == 200


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_replicas_have_not_loaded_torch(url: str) -> None:
    replicas = [
        process
        for process in Path("/proc").glob("[0-9]*")
        if "ray::ServeReplica" in _read(process / "cmdline") and _descends(process.name)
    ]
    assert len(replicas) == 1
    maps = _read(replicas[0] / "maps")
    assert "onnxruntime" in maps
    assert "libtorch" not in maps


def _read(path: Path) -> str:
    try:
        return path.read_text(errors="replace")
    except OSError:  # the process ended meanwhile
        return ""


def _descends(pid: str) -> bool:
    """Whether this test's process started ``pid``, at any remove."""
    while pid not in ("", "0"):
        if pid == str(os.getpid()):
            return True
        _, _, rest = _read(Path("/proc", pid, "status")).partition("PPid:")
        pid = rest.split()[0] if rest else ""
    return False
