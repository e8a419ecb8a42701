from pathlib import Path
from typing import get_args

import numpy as np
import pytest

from secateur.data import load, sources
from secateur.errors import DataError
from secateur.spec import (
    ArithmeticData,
    ArraysData,
    DataSpec,
    DigitsData,
    ImageFolderData,
    MicrostructuresData,
    MNISTData,
    MotorsData,
)

BRANCHES = {
    branch.model_fields["kind"].default: branch for branch in get_args(get_args(DataSpec)[0])
}
DRAWN = {
    "digits": DigitsData(),
    "arithmetic": ArithmeticData(pairs=100, low=0.0, high=1.0),
    "microstructures": MicrostructuresData(images=100, volume_fraction=(0.2, 0.3)),
    "motors": MotorsData(signals=100),
}


@pytest.fixture(params=sorted(BRANCHES))
def spec(request):
    if request.param in DRAWN:
        return DRAWN[request.param]
    if request.param == "image-folder":
        return ImageFolderData(root=request.getfixturevalue("class_folders"))
    if request.param == "arrays":
        return ArraysData(path=request.getfixturevalue("write_arrays")())
    request.getfixturevalue("publish")(request.param)
    return BRANCHES[request.param]()


def pixels_of(data):
    """All images, as a set of byte strings a split."""
    splits = (data.train, data.validation, data.test)
    return [[image.tobytes() for image in split.pixels] for split in splits]


def test_every_kind_of_spec_has_a_source():
    assert sorted(sources()) == sorted(BRANCHES)


def test_every_source_gives_three_splits_with_every_class(spec):
    data = load(spec, seed=0)
    for split in (data.train, data.validation, data.test):
        assert split.shape == data.input_shape
        assert set(split.strata) == set(range(data.outputs))
    assert all(0 <= mean <= 1 for mean in data.mean)
    assert all(0 < std <= 1 for std in data.std)
    assert len(data.mean) == len(data.std) == data.input_shape[0]


def test_every_source_is_the_same_for_the_same_seed_and_another_for_another(spec):
    first, second, other = (load(spec, seed) for seed in (0, 0, 1))
    assert first.split_digest == second.split_digest != other.split_digest
    assert first.digest == second.digest == other.digest


def test_the_digest_is_of_all_images_and_the_splits_of_those_used(spec):
    whole = load(spec, seed=0)
    pool = len(whole.train) + len(whole.validation)
    part = load(spec.model_copy(update={"limit": pool - 1}), seed=0)
    assert part.digest == whole.digest
    assert part.split_digest != whole.split_digest


def test_every_source_respects_shares_and_limit(spec):
    data = load(spec, seed=0)
    pool = len(data.train) + len(data.validation)
    assert len(data.validation) == round(0.2 * pool)
    smaller = load(spec.model_copy(update={"limit": pool - 1, "validation": 0.5}), seed=0)
    assert len(smaller.train) + len(smaller.validation) == pool - 1
    assert len(smaller.validation) == round(0.5 * (pool - 1))
    assert len(smaller.test) == len(data.test)


def test_every_source_refuses_a_validation_split_smaller_than_the_classes(spec):
    with pytest.raises(DataError, match=r"data\.validation: 0\.001 of"):
        load(spec.model_copy(update={"validation": 0.001}), seed=0)


def test_digits():
    data = load(DigitsData(), seed=0)
    assert data.name == "digits"
    assert data.labels == tuple("0123456789")
    # 1,797 images; a fifth is 359, a fifth of the 1,438 left is 288
    assert [len(split) for split in (data.train, data.validation, data.test)] == [1150, 288, 359]
    assert data.input_shape == (1, 8, 8)
    assert data.train.pixels.max() == 255
    # level 1 of 16 is 255 / 16 = 15.94
    assert sorted(set(data.train.pixels.ravel()))[:2] == [0, 16]


def test_digits_splits_are_disjoint_and_complete():
    splits = pixels_of(load(DigitsData(), seed=0))
    # No two of the 1,797 scans are alike, so that images can stand for themselves.
    assert len(set().union(*splits)) == sum(len(split) for split in splits) == 1797


def test_digits_are_stratified():
    data = load(DigitsData(), seed=0)
    counts = [np.bincount(split.labels) for split in (data.train, data.validation, data.test)]
    shares = [count / sum(counts) for count in counts]
    assert np.abs(shares[1] - 0.16).max() < 0.01  # a fifth of four fifths
    assert np.abs(shares[2] - 0.2).max() < 0.01


def test_mnist_keeps_the_published_test_split_in_order(mnist_files):
    data = load(MNISTData(), seed=0)
    assert (data.name, data.input_shape) == ("mnist", (1, 28, 28))
    # 60 training images, a fifth of them for validation
    assert [len(split) for split in (data.train, data.validation, data.test)] == [48, 12, 20]
    assert data.test.labels.tolist() == [*range(10), *range(10)]
    raw = (mnist_files / "t10k-images-idx3-ubyte").read_bytes()[16:]
    assert data.test.pixels.tobytes() == raw


def test_mnist_that_cannot_be_downloaded(tmp_path, monkeypatch):
    from torchvision.datasets import MNIST

    monkeypatch.setattr(MNIST, "mirrors", ["http://127.0.0.1:9/"])  # nothing listens there
    monkeypatch.setenv("SECATEUR_DATA", str(tmp_path))
    with pytest.raises(DataError) as refused:
        load(MNISTData(), seed=0)
    assert str(tmp_path / "MNIST" / "raw") in str(refused.value)
    assert "set SECATEUR_DATA" in str(refused.value)
    assert "\n" not in str(refused.value)


def test_mnist_below_a_path_that_is_a_file(tmp_path, monkeypatch):
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("SECATEUR_DATA", str(tmp_path / "file"))
    with pytest.raises(DataError, match="set SECATEUR_DATA"):
        load(MNISTData(), seed=0)


@pytest.mark.parametrize("content", [b"", b"not an idx file at all", b"\0\0\x08\x03\0\0\0\x3c"])
def test_mnist_with_a_broken_file(mnist_files, content):
    (mnist_files / "train-images-idx3-ubyte").write_bytes(content)
    with pytest.raises(DataError, match="MNIST"):
        load(MNISTData(), seed=0)


def test_mnist_with_labels_of_another_count(mnist_files):
    labels = mnist_files / "train-labels-idx1-ubyte"
    labels.write_bytes(b"\0\0\x08\x01\0\0\0\x02\1\2")
    with pytest.raises(DataError, match="60 images with 2 labels"):
        load(MNISTData(), seed=0)


def test_mnist_writes_nothing_where_the_files_are(mnist_files, capsys):
    before = {path: path.stat().st_mtime_ns for path in mnist_files.parent.rglob("*")}
    load(MNISTData(), seed=0)
    assert before == {path: path.stat().st_mtime_ns for path in mnist_files.parent.rglob("*")}
    assert capsys.readouterr().out == ""


def test_mnist_in_the_users_cache_without_the_variable(mnist_files, tmp_path, monkeypatch):
    monkeypatch.delenv("SECATEUR_DATA")
    monkeypatch.setattr(Path, "home", lambda: tmp_path)
    (tmp_path / ".cache" / "secateur").mkdir(parents=True)
    (tmp_path / "MNIST").rename(tmp_path / ".cache" / "secateur" / "MNIST")
    assert len(load(MNISTData(), seed=0).test) == 20
