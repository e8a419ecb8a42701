"""What is kept of the answers on the test split, worked out on six images."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from search.answers import FILE, WORST, Answers, Told, read
from secateur.data.images import Images
from secateur.errors import ArtifactError


def images(labels: list[int], side: int = 2) -> Images:
    """Image n is of the one shade n."""
    count = len(labels)
    shades = np.arange(count, dtype=np.uint8)[:, None, None, None]
    return Images(shades * np.ones((1, 1, side, side), np.uint8), np.asarray(labels, np.int64))


def told(*answers: tuple[int, float]) -> Told:
    said, sure = zip(*answers, strict=True)
    return Told(np.asarray(said), np.asarray(sure, np.float32))


def test_a_classifier_says_its_likeliest_class() -> None:
    outputs = np.asarray([[0.25, 0.75], [0.625, 0.375]], np.float32)
    one = Told.of(outputs, "classification")
    assert one.said.tolist() == [1, 0]
    assert one.sure.tolist() == [0.75, 0.625]


def test_a_regression_says_values() -> None:
    one = Told.of(np.asarray([[0.5], [np.nan]], np.float32), "regression")
    assert one.said.tolist() == [0.5, 0.0]


def test_the_champions_surest_mistakes_come_first() -> None:
    right = told((0, 0.9), (1, 0.9), (0, 0.9), (1, 0.9))
    champion = told((1, 0.6), (1, 0.99), (1, 0.8), (0, 0.7))
    answers = Answers.of(("a", "b"), images([0, 1, 0, 1]), [right, champion], champion=1)
    # Wrong are images 0, 2 and 3, at 0.6, 0.8 and 0.7.
    assert answers.worst.tolist() == [2, 3, 0]
    assert answers.pixels[:, 0, 0, 0].tolist() == [2, 3, 0]
    assert answers.said.tolist() == [[0, 1, 0, 1], [1, 1, 1, 0]]


def test_few_images_are_kept_of_many_mistakes() -> None:
    test = images([0] * 100)
    answers = Answers.of(("a", "b"), test, [told(*[(1, 0.9)] * 100)], champion=0)
    # As sure of all of them: the first ones stand for the others.
    assert answers.worst.tolist() == list(range(WORST))


def test_what_was_written_is_read_again(tmp_path: Path) -> None:
    labels = ("a", "$b$ <script>", "猫")
    answers = Answers.of(labels, images([0, 1, 2]), [told((0, 0.5), (0, 0.75), (2, 1.0))], 0)
    answers.save(tmp_path)
    again = read(tmp_path)
    assert again is not None
    assert again.labels == labels
    for name in ("truths", "said", "sure", "worst", "pixels"):
        np.testing.assert_array_equal(getattr(again, name), getattr(answers, name))
    assert [file.name for file in tmp_path.iterdir()] == [FILE]


def test_values_have_neither_classes_nor_mistakes(tmp_path: Path) -> None:
    test = Images(np.zeros((2, 1, 1, 2), np.float32), np.asarray([0.5, 1.5], np.float32))
    said = Told.of(np.asarray([[0.25], [1.75]], np.float32), "regression")
    Answers.of((), test, [said], 0).save(tmp_path)
    again = read(tmp_path)
    assert again is not None
    assert (again.labels, len(again.worst)) == ((), 0)


def test_an_older_job_has_none(tmp_path: Path) -> None:
    assert read(tmp_path) is None


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 torn"])
def test_a_damaged_file_is_named(tmp_path: Path, content: bytes) -> None:
    (tmp_path / FILE).write_bytes(content)
    with pytest.raises(ArtifactError, match=rf"{FILE}: damaged .*; remove it to go without"):
        read(tmp_path)
