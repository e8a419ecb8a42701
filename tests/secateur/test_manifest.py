from __future__ import annotations

import json
from pathlib import Path

import pytest

from secateur import manifest
from secateur.errors import ArtifactError
from secateur.manifest import GRAPH, INT8_GRAPH, Manifest, Variant
from secateur.records import Architecture, Figures, GeneratorFigures, Likeness

CONTENT = Manifest(
    architecture=Architecture(name="mlp", input_shape=(1, 2, 2), classes=2),
    labels=("a", "b"),
    mean=(0.5,),
    std=(0.25,),
)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "weights.safetensors").write_bytes(b"abc")
    manifest.write(tmp_path, CONTENT)
    return tmp_path


def test_a_manifest_holds_the_digest_of_every_file(folder: Path) -> None:
    # SHA-256 of "abc" is the example of FIPS 180-2, appendix B.1.
    expected = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    assert manifest.read(folder).files == {"weights.safetensors": expected}


def test_a_manifest_is_written_whole_or_not_at_all(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = manifest.read(folder)

    def half(path: Path, text: str, encoding: str) -> None:
        path.write_bytes(text[: len(text) // 2].encode(encoding))
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(Path, "write_text", half)
        with pytest.raises(KeyboardInterrupt):
            manifest.write(folder, CONTENT.model_copy(update={"target": 0.5}))
    assert manifest.read(folder) == before
    assert manifest.write(folder, CONTENT) == before, "what is half-written is no file of it"


def test_a_file_that_is_about_to_go_can_be_left_out(folder: Path) -> None:
    (folder / INT8_GRAPH).write_bytes(b"graph")
    assert set(manifest.write(folder, CONTENT).files) == {"weights.safetensors", INT8_GRAPH}
    left = manifest.write(folder, CONTENT, without=(INT8_GRAPH,))
    assert set(left.files) == {"weights.safetensors"}


def test_an_altered_file_is_refused(folder: Path) -> None:
    (folder / "weights.safetensors").write_bytes(b"abd")
    with pytest.raises(ArtifactError, match=r"weights.safetensors: SHA-256 differs"):
        manifest.read(folder)


def test_a_missing_file_is_refused(folder: Path) -> None:
    (folder / "weights.safetensors").unlink()
    with pytest.raises(ArtifactError, match=r"weights.safetensors: missing"):
        manifest.read(folder)


def test_a_manifest_cannot_name_files_elsewhere(folder: Path) -> None:
    outside = CONTENT.model_copy(update={"files": {"../outside": "0" * 64}})
    (folder / manifest.MANIFEST).write_text(outside.model_dump_json())
    with pytest.raises(ArtifactError, match=r"\.\./outside"):
        manifest.read(folder)


@pytest.mark.parametrize("text", ["", "{}", '{"format": 2}', "[1]"])
def test_what_is_no_manifest_is_refused(folder: Path, text: str) -> None:
    (folder / manifest.MANIFEST).write_text(text)
    with pytest.raises(ArtifactError, match="not a manifest"):
        manifest.read(folder)


def test_an_empty_folder_is_no_model(tmp_path: Path) -> None:
    with pytest.raises(ArtifactError, match="expected a saved model"):
        manifest.read(tmp_path)


FIGURES = Figures(accuracy=0.9, flops=100, parameters=10, size_bytes=40, latency_ms=0.1)
ROUNDED = FIGURES.model_copy(update={"accuracy": 0.89, "size_bytes": 12})


@pytest.fixture
def with_int8(tmp_path: Path) -> Path:
    (tmp_path / GRAPH).write_bytes(b"abc")
    (tmp_path / INT8_GRAPH).write_bytes(b"a")
    variants = {"int8": Variant(graph=INT8_GRAPH, figures=ROUNDED)}
    manifest.write(tmp_path, CONTENT.model_copy(update={"figures": FIGURES, "variants": variants}))
    return tmp_path


def test_each_precision_has_its_own_graph_and_figures(with_int8: Path) -> None:
    content = manifest.read(with_int8)
    assert content.variant("float32") == Variant(graph=GRAPH, figures=FIGURES)
    assert content.variant("int8") == Variant(graph=INT8_GRAPH, figures=ROUNDED)
    assert set(content.files) == {GRAPH, INT8_GRAPH}


def test_an_altered_variant_is_refused(with_int8: Path) -> None:
    (with_int8 / INT8_GRAPH).write_bytes(b"b")
    with pytest.raises(ArtifactError, match=r"model\.int8\.onnx: SHA-256 differs"):
        manifest.read(with_int8)


def test_a_manifest_from_before_there_were_variants(folder: Path) -> None:
    path = folder / manifest.MANIFEST
    content = json.loads(path.read_text())
    del content["variants"]
    path.write_text(json.dumps(content))
    assert manifest.read(folder).variants == {}


def test_figures_of_a_generator(folder: Path) -> None:
    likeness = Likeness(judge="digits", images=500, distance=1.5, kernel_distance=0.01,
                        coverage=0.9, collapsed=False)  # fmt: skip
    figures = GeneratorFigures(
        likeness=likeness, flops=100, parameters=10, size_bytes=40, latency_ms=0.1
    )
    manifest.write(folder, CONTENT.model_copy(update={"figures": figures}))
    assert manifest.read(folder).figures == figures


def test_figures_as_older_versions_wrote_them(folder: Path) -> None:
    path = folder / manifest.MANIFEST
    content = json.loads(path.read_text())
    # Of a version in which the accuracy came first, and was alone.
    content["figures"] = {"accuracy": 0.9, "flops": 100, "parameters": 10, "size_bytes": 40,
                          "latency_ms": 0.1}  # fmt: skip
    path.write_text(json.dumps(content))
    assert manifest.read(folder).figures == FIGURES


def test_a_precision_that_was_not_saved() -> None:
    with pytest.raises(ArtifactError, match=r"precision int8: .* expected float32"):
        CONTENT.variant("int8")


def test_a_precision_that_is_not_known(with_int8: Path) -> None:
    path = with_int8 / manifest.MANIFEST
    path.write_text(path.read_text().replace('"int8"', '"int4"'))
    with pytest.raises(ArtifactError, match="not a manifest"):
        manifest.read(with_int8)
