import gzip
import hashlib
import pickle

import numpy as np
import pytest
from torchvision import datasets

from secateur.data import load
from secateur.errors import DataError
from secateur.spec import (
    CIFAR10Data,
    CIFAR100Data,
    FashionMNISTData,
    KMNISTData,
    SVHNData,
)

SPECS = {
    "fashion-mnist": FashionMNISTData(),
    "kmnist": KMNISTData(),
    "cifar10": CIFAR10Data(),
    "cifar100": CIFAR100Data(),
    "svhn": SVHNData(),
}
every_set = pytest.mark.parametrize("kind", sorted(SPECS))


def with_labels(*parts):
    """Each image with its label, in some order that is the same for the same images."""
    return sorted(
        (image.tobytes(), int(label))
        for pixels, labels in parts
        for image, label in zip(pixels, labels, strict=True)
    )


def refusal(kind):
    with pytest.raises(DataError) as refused:
        load(SPECS[kind], seed=0)
    assert "\n" not in str(refused.value)
    return str(refused.value)


@every_set
def test_pixels_and_labels_are_those_in_the_files(kind, publish):
    parts = publish(kind)
    data = load(SPECS[kind], seed=0)
    assert data.name == kind
    assert data.input_shape == parts["train"][0].shape[1:]
    pool = [(split.pixels, split.labels) for split in (data.train, data.validation)]
    assert with_labels(*pool) == with_labels(parts["train"])
    # The published test split is the test split, in its order.
    assert np.array_equal(data.test.pixels, parts["test"][0])
    assert np.array_equal(data.test.labels, parts["test"][1])
    assert data.test.pixels.flags.c_contiguous


@pytest.mark.parametrize(
    ("kind", "labels"),
    [
        ("fashion-mnist", {0: "T-shirt/top", 1: "Trouser", 8: "Bag", 9: "Ankle boot"}),
        ("kmnist", {0: "o", 1: "ki", 9: "wo"}),
        ("cifar10", {0: "kind 0", 9: "kind 9"}),  # out of the file of names
        ("cifar100", {0: "kind 0", 99: "kind 99"}),
        ("svhn", {0: "0", 9: "9"}),
    ],
)
def test_names_of_classes(kind, labels, publish):
    publish(kind)
    known = load(SPECS[kind], seed=0).labels
    assert len(known) == (100 if kind == "cifar100" else 10)
    assert {number: known[number] for number in labels} == labels


@every_set
def test_reading_writes_nothing(kind, publish, tmp_path, capsys):
    publish(kind)
    before = {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*")}
    load(SPECS[kind], seed=0)
    assert before == {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*")}
    assert capsys.readouterr().out == ""


def test_compressed_files_are_unpacked_where_they_lie(publish, tmp_path, monkeypatch):
    parts = publish("fashion-mnist")
    resources = []
    for path in sorted((tmp_path / "FashionMNIST" / "raw").iterdir()):
        packed = path.with_name(f"{path.name}.gz")
        packed.write_bytes(gzip.compress(path.read_bytes(), mtime=0))
        path.unlink()
        md5 = hashlib.md5(packed.read_bytes(), usedforsecurity=False).hexdigest()
        resources.append((packed.name, md5))
    monkeypatch.setattr(datasets.FashionMNIST, "resources", resources)
    data = load(SPECS["fashion-mnist"], seed=0)
    assert np.array_equal(data.test.pixels, parts["test"][0])


@pytest.mark.parametrize(
    ("kind", "folder"),
    [
        ("fashion-mnist", "FashionMNIST/raw"),
        ("kmnist", "KMNIST/raw"),
        ("cifar10", "cifar-10-batches-py"),
        ("cifar100", "cifar-100-python"),
        ("svhn", ""),
    ],
)
@pytest.mark.usefixtures("no_network")
def test_absent_files_that_cannot_be_downloaded(kind, folder, tmp_path, monkeypatch):
    monkeypatch.setenv("SECATEUR_DATA", str(tmp_path / "nothing"))
    message = refusal(kind)
    assert message.startswith(f"{tmp_path / 'nothing' / folder}: ")
    assert "could neither be read nor downloaded" in message
    assert "refused" in message
    place = f"$SECATEUR_DATA/{folder}".rstrip("/")
    assert message.endswith(f"lays them out in {place}, set SECATEUR_DATA")


@pytest.mark.usefixtures("no_network")
def test_a_pickle_that_is_not_the_published_one_is_not_opened(publish, tmp_path):
    publish("cifar10")
    proof = tmp_path / "proof"
    (tmp_path / "cifar-10-batches-py" / "test_batch").write_bytes(pickle.dumps(Opened(proof)))
    refusal("cifar10")
    assert not proof.exists()
    pickle.loads(pickle.dumps(Opened(proof))).close()
    assert proof.exists()  # as it would have been


class Opened:
    """Leaves a file behind when it is unpickled."""

    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        return open, (str(self.path), "w")


@pytest.mark.usefixtures("no_network")
def test_a_broken_file_of_house_numbers(publish, tmp_path):
    publish("svhn")
    (tmp_path / "train_32x32.mat").write_bytes(b"MATLAB 5.0 MAT-file, and no more")
    assert "SVHN could neither be read nor downloaded" in refusal("svhn")


def test_a_label_beyond_the_classes(publish, tmp_path):
    publish("kmnist")
    labels = tmp_path / "KMNIST" / "raw" / "train-labels-idx1-ubyte"
    labels.write_bytes(labels.read_bytes()[:-1] + b"\x0a")
    message = refusal("kmnist")
    assert "60 images with 60 labels of 0 to 10; expected a label of 0 to 9" in message


def test_test_images_of_another_shape(publish, tmp_path):
    publish("kmnist")
    images = tmp_path / "KMNIST" / "raw" / "t10k-images-idx3-ubyte"
    content = bytearray(images.read_bytes())
    content[11], content[15] = 14, 56  # the same number of pixels
    images.write_bytes(content)
    assert refusal("kmnist") == (
        "kmnist: training images of 1x28x28 and test images of 1x14x56; expected one shape"
    )
