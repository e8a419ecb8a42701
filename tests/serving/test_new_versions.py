"""New versions under traffic: a real Ray Serve of two replicas, and an MLflow store."""

from __future__ import annotations

import threading
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families

from secateur import manifest
from secateur.manifest import GRAPH, MANIFEST
from secateur.tracking.promotion import promote, rollback
from secateur.tracking.publication import SEAL
from secateur.tracking.registry import Registry
from serving import server
from serving.source import RegistrySource
from serving.spec import ServeSpec, Share

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("ray_session")]

NAME = "brightness"
INFER = f"/v2/models/{NAME}/infer"
ASKED = {
    "inputs": [{"name": "images", "shape": [1, 1, 4, 4], "datatype": "FP32", "data": [1] * 16}]
}
LIMIT_S = 60.0  # whatever takes longer has failed
Held = dict[tuple[str, str], float]
Add = Callable[[Path], str]


class Traffic:
    """Clients that ask without a pause, and count what they are answered."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.answers: Counter[tuple[int, str]] = Counter()
        self._ended = threading.Event()
        self._threads = [threading.Thread(target=self._ask) for _ in range(4)]

    def __enter__(self) -> Traffic:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        for thread in self._threads:
            thread.join()

    def versions(self) -> dict[str, int]:
        """Sound answers by version; any other answer is an error."""
        answers = self.answers.copy()
        assert {status for status, _ in answers} == {200}, answers
        return {version: count for (_, version), count in answers.items()}

    def _ask(self) -> None:
        with httpx.Client(base_url=self.url, timeout=LIMIT_S) as client:
            while not self._ended.is_set():
                answer = client.post(INFER, json=ASKED)
                version = answer.json().get("model_version", "")
                self.answers[answer.status_code, version] += 1


@pytest.fixture(scope="module")
def registry(tmp_path_factory: pytest.TempPathFactory) -> Registry:
    return Registry(f"sqlite:///{tmp_path_factory.mktemp('registry') / 'mlflow.db'}")


@pytest.fixture(scope="module")
def add(registry: Registry, tmp_path_factory: pytest.TempPathFactory) -> Add:
    """Registers a saved model as the next version."""
    registry.client.create_registered_model(NAME)

    def add(folder: Path) -> str:
        root = tmp_path_factory.mktemp("version")
        folder.rename(root / "extra_files")
        seal = manifest.digest(root / "extra_files" / MANIFEST)
        tags = {SEAL: seal, "secateur.gate": "{}"}
        return str(registry.client.create_model_version(NAME, root.as_uri(), tags=tags).version)

    return add


@pytest.fixture(scope="module")
def source(
    registry: Registry,
    add: Add,
    save_model: Callable[..., Path],
    tmp_path_factory: pytest.TempPathFactory,
) -> RegistrySource:
    registry.assign(NAME, "champion", add(save_model(gain=4.0)))
    return RegistrySource(NAME, registry.uri, tmp_path_factory.mktemp("cache"))


@pytest.fixture(scope="module")
def log(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("log") / "serve.log"


@pytest.fixture(scope="module")
def traffic(ray_session: None, source: RegistrySource, log: Path) -> Iterator[Traffic]:
    spec = ServeSpec(port=0, replicas=2, refresh_seconds=0.2, challenger=Share(share=0.5), log=log)
    with server.running([source], spec) as url, Traffic(url) as traffic:
        yield traffic
        traffic.versions()


def until(traffic: Traffic, held: Callable[[Held], bool]) -> Held:
    """Read the metrics until they are as wanted; the server itself sets the pace."""
    with httpx.Client(base_url=traffic.url, timeout=LIMIT_S) as client:
        for _ in range(1000):
            answer = client.get("/metrics")
            found: Held = defaultdict(float)
            for family in text_string_to_metric_families(answer.text):
                for sample in family.samples:
                    if sample.name in ("secateur_model_replicas", "secateur_model_kept_replicas"):
                        named = sample.labels.get("role", "kept"), sample.labels.get("version", "")
                        found[named] += sample.value
            if held(found):
                return found
    raise AssertionError(found)


def test_a_new_champion_is_live_in_all_replicas(
    traffic: Traffic, registry: Registry, add: Add, save_model: Callable[..., Path]
) -> None:
    before, new = registry.resolve(NAME), add(save_model(gain=8.0))
    until(traffic, lambda held: held.get(("champion", before)) == 2)
    registry.assign(NAME, "champion", new)
    until(traffic, lambda held: held.get(("champion", new)) == 2)
    answer = httpx.post(traffic.url + INFER, json=ASKED, timeout=60).json()
    # P(bright) of a white image is 1 / (1 + exp(-gain / 2)).
    assert answer["outputs"][0]["data"][1] == pytest.approx(0.9820138)
    assert {before, new} <= set(traffic.versions())


def test_a_broken_champion_leaves_the_last_good_one(
    traffic: Traffic, registry: Registry, add: Add, save_model: Callable[..., Path], log: Path
) -> None:
    folder = save_model()
    (folder / GRAPH).write_bytes(b"other")
    before, broken = registry.resolve(NAME), add(folder)
    registry.assign(NAME, "champion", broken)
    held = until(traffic, lambda held: held["kept", ""] == 2)
    assert held["champion", before] == 2
    parameters = httpx.get(f"{traffic.url}/v2/models/{NAME}", timeout=60).json()["parameters"]
    assert parameters["source"]["state"] == "kept"
    assert parameters["source"]["reason"] == f"version {broken} is broken"
    lines = [line for line in log.read_text().splitlines() if f"version {before} stays" in line]
    assert len(lines) == 2  # one of each replica, however often both have looked
    assert "SHA-256 differs" in lines[0]
    rollback(registry, NAME)
    until(traffic, lambda held: held["kept", ""] == 0)
    assert broken not in traffic.versions()


def test_a_challenger_answers_its_share_and_is_promoted(
    traffic: Traffic, registry: Registry, add: Add, save_model: Callable[..., Path]
) -> None:
    before, new = registry.resolve(NAME), add(save_model(gain=12.0))
    registry.assign(NAME, "challenger", new)
    until(traffic, lambda held: held.get(("challenger", new)) == 2)
    with httpx.Client(base_url=traffic.url, timeout=LIMIT_S) as client:
        seen = {client.post(INFER, json=ASKED).json()["model_version"] for _ in range(60)}
        assert seen == {before, new}  # but for two chances in 2^60
        for version in (before, new):
            answer = client.post(f"/v2/models/{NAME}/versions/{version}/infer", json=ASKED)
            assert answer.json()["model_version"] == version
    promote(registry, NAME)
    until(
        traffic,
        lambda held: held.get(("champion", new)) == 2 and ("challenger", new) not in held,
    )
    assert {before, new} <= set(traffic.versions())
