from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from secateur.errors import ArtifactError
from secateur.manifest import GRAPH, MANIFEST
from serving.errors import InferenceError
from serving.runtime import CHUNK, Classifier
from tests.serving.kinds import SaveModel


def test_probabilities_of_black_grey_and_white(saved: Path) -> None:
    images = np.stack([np.full((1, 4, 4), level, np.float32) for level in (0, 0.5, 1)])
    output = Classifier.load(saved).probabilities(images)
    assert output.dtype == np.float32
    # logits (0, 4 * (mean - 0.5)): -2, 0 and 2
    np.testing.assert_allclose(output[:, 1], [0.1192029, 0.5, 0.8807971], atol=1e-6)
    np.testing.assert_allclose(output.sum(1), 1, atol=1e-6)


def test_many_images_keep_their_order(saved: Path) -> None:
    levels = np.linspace(0, 1, 2 * CHUNK + 3, dtype=np.float32)
    images = np.broadcast_to(levels[:, None, None, None], (len(levels), 1, 4, 4))
    output = Classifier.load(saved).probabilities(np.ascontiguousarray(images))
    assert output.shape == (2 * CHUNK + 3, 2)
    assert (np.diff(output[:, 1]) > 0).all()


def test_what_the_model_is(saved: Path) -> None:
    classifier = Classifier.load(saved)
    assert classifier.input_shape == (1, 4, 4)
    assert classifier.labels == ("dark", "bright")


def test_an_altered_graph_is_refused(save_model: SaveModel) -> None:
    folder = save_model()
    content = bytearray((folder / GRAPH).read_bytes())
    content[-1] ^= 1
    (folder / GRAPH).write_bytes(content)
    with pytest.raises(ArtifactError, match=r"model\.onnx: SHA-256 differs"):
        Classifier.load(folder)


def test_a_graph_without_digest_is_refused(save_model: SaveModel) -> None:
    folder = save_model()
    content = json.loads((folder / MANIFEST).read_text())
    (folder / MANIFEST).write_text(json.dumps(content | {"files": {}}))
    with pytest.raises(ArtifactError, match="no digest"):
        Classifier.load(folder)


def test_a_folder_without_model(tmp_path: Path) -> None:
    with pytest.raises(ArtifactError, match="expected a saved model"):
        Classifier.load(tmp_path)


def test_a_file_that_is_no_graph(save_model: SaveModel) -> None:
    with pytest.raises(ArtifactError, match="does not open"):
        Classifier.load(save_model(content=b"text"))


@pytest.mark.parametrize("keywords", [{"name_in": "pixels"}, {"name_out": "logits_"}])
def test_other_names_than_promised(save_model: SaveModel, keywords: dict[str, str]) -> None:
    with pytest.raises(ArtifactError, match="expected float32 'images' and 'probabilities'"):
        Classifier.load(save_model(**keywords))


def test_another_number_of_classes_than_labels(save_model: SaveModel) -> None:
    with pytest.raises(ArtifactError, match=r"expected float32 of shape \(1, 3\)"):
        Classifier.load(save_model(labels=("a", "b", "c")))


def test_a_graph_of_another_shape_than_promised(save_model: SaveModel) -> None:
    with pytest.raises(ArtifactError, match="failed on this input"):
        Classifier.load(save_model(input_shape=(1, 4, 5)))


def test_weights_that_are_not_numbers(save_model: SaveModel) -> None:
    with pytest.raises(ArtifactError, match="not finite"):
        Classifier.load(save_model(gain=float("nan")))


def test_input_that_makes_the_output_overflow(saved: Path) -> None:
    classifier = Classifier.load(saved)
    with pytest.raises(InferenceError, match="not finite"):
        classifier.probabilities(np.full((1, 1, 4, 4), np.float32(3e38)))
