from __future__ import annotations

from pathlib import Path

import pytest

from secateur import manifest
from secateur.errors import ArtifactError
from secateur.manifest import Manifest
from secateur.records import Architecture

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
