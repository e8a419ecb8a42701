"""Promotion and rollback on a real registry."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from secateur import manifest
from secateur.errors import ArtifactError, GateError, RegistryError, RegistryUnreachableError
from secateur.gate import Gate
from secateur.manifest import MANIFEST, Manifest
from secateur.records import Architecture, Figures
from secateur.tracking.promotion import Succession, promote, rollback
from secateur.tracking.publication import GATE, SEAL
from secateur.tracking.registry import Registry

DENSE = Figures(accuracy=0.95, flops=1000, parameters=10, size_bytes=100, latency_ms=1.0)
GOOD = Figures(accuracy=0.94, flops=400, parameters=5, size_bytes=50, latency_ms=0.5)
BAD = GOOD.model_copy(update={"accuracy": 0.90})
BOUNDS = Gate(min_accuracy=0.93, max_accuracy_drop=0.02, min_flops_cut=0.5)

Add = Callable[..., str]


@pytest.fixture(scope="module")
def registry(uri: str) -> Registry:
    return Registry(uri)


@pytest.fixture(scope="module")
def experiment(registry: Registry, artifact_root: str | None) -> str:
    return str(registry.client.create_experiment("promotion", artifact_root))


@pytest.fixture
def name(registry: Registry, request: pytest.FixtureRequest) -> str:
    name = f"model-{abs(hash(request.node.name))}"
    registry.client.create_registered_model(name)
    return name


@pytest.fixture
def add(registry: Registry, experiment: str, name: str, tmp_path: Path) -> Add:
    """Adds a version without exporting, a folder of a manifest alone, and gives it an alias."""

    def add(
        alias: str | None, figures: Figures | None = GOOD, *, files: bool = True, **tags: str
    ) -> str:
        folder = tmp_path / str(len(list(tmp_path.iterdir()))) / "extra_files"
        folder.mkdir(parents=True)
        architecture = Architecture(name="mlp", input_shape=(1, 2, 2), classes=2)
        content = Manifest(
            architecture=architecture, labels=("a", "b"), mean=(0.0,), std=(1.0,),
            figures=figures, dense_figures=DENSE,
        )  # fmt: skip
        manifest.write(folder, content)
        tags = {SEAL: manifest.digest(folder / MANIFEST), GATE: BOUNDS.model_dump_json()} | tags
        run = registry.client.create_run(experiment).info.run_id
        if files:
            registry.client.log_artifact(run, str(folder), "model")
        source = f"runs:/{run}/model"
        version = registry.client.create_model_version(name, source, run, tags=tags).version
        if alias:
            registry.assign(name, alias, str(version))
        return str(version)

    return add


def champion(registry: Registry, name: str) -> str:
    return registry.resolve(name)


def test_the_challenger_becomes_champion(registry: Registry, name: str, add: Add) -> None:
    add("champion"), add("challenger")
    assert promote(registry, name) == Succession(name, "2", "1")
    assert registry.aliases(name) == {"champion": "2"}  # and is challenger no more


def test_a_version_becomes_champion(registry: Registry, name: str, add: Add) -> None:
    add("champion"), add("challenger"), add(None)
    assert promote(registry, name, "3") == Succession(name, "3", "1")
    assert registry.aliases(name) == {"champion": "3", "challenger": "2"}


def test_the_first_champion(registry: Registry, name: str, add: Add) -> None:
    add("challenger")
    assert promote(registry, name) == Succession(name, "1", None)
    with pytest.raises(RegistryError, match="has had no champion before version 1"):
        rollback(registry, name)


def test_rollbacks_go_further_back(registry: Registry, name: str, add: Add) -> None:
    for _ in range(3):
        add("champion")
    assert registry.former_champions(name) == ["1", "2"]
    assert rollback(registry, name) == Succession(name, "2", "3")
    assert rollback(registry, name) == Succession(name, "1", "2")
    with pytest.raises(RegistryError, match="expected one, or secateur promote"):
        rollback(registry, name)
    assert champion(registry, name) == "1"


def test_promotion_after_rollback(registry: Registry, name: str, add: Add) -> None:
    add("champion"), add("champion"), add("challenger")
    rollback(registry, name)
    assert promote(registry, name) == Succession(name, "3", "1")
    assert rollback(registry, name).version == "1"
    assert promote(registry, name, "2").before == "1"


def test_deleted_champions_are_passed_over(registry: Registry, name: str, add: Add) -> None:
    for _ in range(3):
        add("champion")
    registry.client.delete_model_version(name, "2")
    assert rollback(registry, name) == Succession(name, "1", "3")


def test_a_promotion_that_was_interrupted(registry: Registry, name: str, add: Add) -> None:
    """The champion was remembered, but the alias did not move."""
    add("champion"), add("champion")
    registry.client.set_registered_model_tag(name, "secateur.former_champions", '["1", "2"]')
    assert rollback(registry, name) == Succession(name, "1", "2")


@pytest.mark.parametrize(
    ("figures", "tags", "message"),
    [
        (BAD, {}, "accuracy 90.00% is below publish.min_accuracy 93.00%; accuracy drop 5.00% is"),
        (None, {}, "its manifest holds no figures"),
        (GOOD, {GATE: "{}"}, None),  # the default bounds hold
        (GOOD, {GATE: "words"}, f"its tag '{GATE}' does not hold the gate"),
        (GOOD, {GATE: '{"min_flops_cut": 0.7}'}, "FLOPs cut 60.00% is below"),
    ],
)
def test_the_gate_of_its_job(
    registry: Registry, name: str, add: Add,
    figures: Figures | None, tags: dict[str, str], message: str | None,
) -> None:  # fmt: skip
    add("champion"), add("challenger", figures, **tags)
    if message:
        with pytest.raises(GateError, match=message) as error:
            promote(registry, name)
        assert error.value.exit_code == 3
        assert registry.aliases(name) == {"champion": "1", "challenger": "2"}
    assert promote(registry, name, force=True) == Succession(name, "2", "1")


def test_an_altered_version_is_not_promoted_even_by_force(
    registry: Registry, name: str, add: Add, tmp_path: Path
) -> None:
    add("champion"), add("challenger", BAD)
    path = tmp_path / "1" / "extra_files" / MANIFEST
    path.write_text(path.read_text().replace("0.9,", "0.94,"))  # a better accuracy
    run = registry.client.get_model_version(name, "2").run_id
    registry.client.log_artifact(run, str(path), "model/extra_files")
    with pytest.raises(ArtifactError, match="SHA-256 differs from the registry's"):
        promote(registry, name, force=True)
    assert champion(registry, name) == "1"


@pytest.mark.parametrize(
    ("version", "message"),
    [
        (None, "has no challenger"),
        ("1", "version 1 is champion already"),
        ("9", "/9: not in the registry"),
        ("new", "/new: not in the registry"),
    ],
)
def test_what_cannot_be_promoted(
    registry: Registry, name: str, add: Add, version: str | None, message: str
) -> None:
    add("champion")
    with pytest.raises(RegistryError, match=message):
        promote(registry, name, version)


def test_a_model_that_is_not_there(registry: Registry) -> None:
    for change in (promote, rollback):
        with pytest.raises(RegistryError, match="models:/stranger"):
            change(registry, "stranger")


def test_files_that_are_gone(registry: Registry, name: str, add: Add) -> None:
    add("champion"), add("challenger", files=False)
    with pytest.raises(RegistryError, match="or its files are gone"):
        promote(registry, name)


def test_a_registry_that_does_not_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "0")
    registry = Registry("http://user:secret@127.0.0.1:9")
    for ask in (lambda: registry.resolve("a"), registry.names, lambda: promote(registry, "a", "1")):
        with pytest.raises(RegistryUnreachableError, match="does not answer") as error:
            ask()
        assert "secret" not in str(error.value).split(":", 2)[1]
