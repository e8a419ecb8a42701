import hashlib
import struct

import numpy as np
import pytest
from PIL import Image
from scipy.io import savemat


@pytest.fixture
def write_image():
    """Writes an image of one colour, or of the given pixels."""

    def write(path, colour=(10, 20, 30), size=(4, 4), mode="RGB"):
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.new(mode, (size[1], size[0]), colour).save(path)
        return path

    return write


@pytest.fixture
def class_folders(tmp_path, write_image):
    """Two classes of ten images: 'bird' all 10s, 20s, 30s, 'cat' counting up from 0."""
    for number in range(10):
        write_image(tmp_path / "animals" / "cat" / f"{number}.png", (number, number, number))
        write_image(tmp_path / "animals" / "bird" / f"{number}.png")
    return tmp_path / "animals"


def write_idx(folder, prefix, pixels, labels):
    """The two files of a split: magic number, sizes (big-endian), bytes."""
    folder.mkdir(parents=True, exist_ok=True)
    head = struct.pack(">4i", 2051, *pixels.shape)  # 0x803: unsigned bytes, 3 dimensions
    (folder / f"{prefix}-images-idx3-ubyte").write_bytes(head + pixels.tobytes())
    head = struct.pack(">2i", 2049, len(labels))  # 0x801: unsigned bytes, 1 dimension
    (folder / f"{prefix}-labels-idx1-ubyte").write_bytes(head + labels.tobytes())


def python2_array(array):
    """A uint8 matrix as Python 2 and the NumPy of 2009 pickled it, opcode by opcode."""
    rows, columns = array.shape
    return (
        b"cnumpy.core.multiarray\n_reconstruct\n"
        b"cnumpy\nndarray\nK\x00\x85U\x01b\x87R"  # (ndarray, (0,), "b")
        + b"(K\x01M" + struct.pack("<H", rows) + b"M" + struct.pack("<H", columns) + b"\x86"
        b"cnumpy\ndtype\nU\x02u1K\x00K\x01\x87R"  # dtype("u1", 0, 1)
        b"(K\x03U\x01|NNNJ\xff\xff\xff\xffJ\xff\xff\xff\xffK\x00tb"
        + b"\x89T" + struct.pack("<i", array.size) + array.tobytes() + b"tb"
    )  # fmt: skip


def python2_pickle(**fields):
    """A dictionary as Python 2 pickled it: strings of bytes, lists of numbers and strings."""
    parts = [b"\x80\x02}("]
    for name, value in fields.items():
        parts.append(b"U" + bytes([len(name)]) + name.encode())
        if isinstance(value, np.ndarray):
            parts.append(python2_array(value))
            continue
        parts.append(b"](")
        for item in value:
            text = isinstance(item, str)
            parts.append(
                b"U" + bytes([len(item)]) + item.encode() if text else b"K" + bytes([item])
            )
        parts.append(b"e")
    return b"".join([*parts, b"u."])


def md5(path):
    return hashlib.md5(path.read_bytes(), usedforsecurity=False).hexdigest()


def write_cifar(root, monkeypatch, kind, parts):
    """Batches of rows of 1,024 reds, greens and blues, and the names; with their MD5 sums."""
    folder = root / kind.base_folder
    folder.mkdir(parents=True)
    fine = kind.meta["key"].startswith("fine")
    for field, part in (("train_list", "train"), ("test_list", "test")):
        pixels, labels = parts[part]
        names = [name for name, _ in getattr(kind, field)]
        slices = np.array_split(np.arange(len(labels)), len(names))
        for name, rows in zip(names, slices, strict=True):
            content = {"data": pixels[rows].reshape(len(rows), -1)}
            content["fine_labels" if fine else "labels"] = labels[rows].tolist()
            (folder / name).write_bytes(python2_pickle(**content))
        monkeypatch.setattr(kind, field, [[name, md5(folder / name)] for name in names])
    classes = 100 if fine else 10
    meta = folder / kind.meta["filename"]
    meta.write_bytes(
        python2_pickle(**{kind.meta["key"]: [f"kind {number}" for number in range(classes)]})
    )
    monkeypatch.setattr(kind, "meta", kind.meta | {"md5": md5(meta)})


def write_svhn(root, monkeypatch, kind, parts):
    """Height, width, channel, image; digit 0 has the label 10."""
    for part, (pixels, labels) in parts.items():
        url, name, _ = kind.split_list[part]
        numbers = np.where(labels == 0, 10, labels).astype(np.uint8)[:, None]
        content = {"X": pixels.transpose(2, 3, 1, 0), "y": numbers}
        savemat(root / name, content, do_compression=True)
        monkeypatch.setitem(kind.split_list, part, [url, name, md5(root / name)])


SHAPES = {
    "mnist": (10, 1, 28, 28),
    "fashion-mnist": (10, 1, 28, 28),
    "kmnist": (10, 1, 28, 28),
    "cifar10": (10, 3, 32, 32),
    "cifar100": (100, 3, 32, 32),
    "svhn": (10, 3, 32, 32),
}
TITLES = {"fashion-mnist": "FashionMNIST"}


@pytest.fixture
def publish(tmp_path, monkeypatch):
    """Writes a small data set as its publisher does, below SECATEUR_DATA.

    Six training images a class and two test images; returns pixels and labels of each part.
    """
    from torchvision import datasets

    monkeypatch.setenv("SECATEUR_DATA", str(tmp_path))

    def write(name):
        kind = getattr(datasets, TITLES.get(name, name.upper()))
        classes, *shape = SHAPES[name]
        generator = np.random.default_rng(0)
        parts = {
            part: (
                generator.integers(0, 256, (count * classes, *shape), dtype=np.uint8),
                np.arange(count * classes, dtype=np.uint8) % classes,
            )
            for part, count in (("train", 6), ("test", 2))
        }
        if name == "svhn":
            write_svhn(tmp_path, monkeypatch, kind, parts)
        elif name.startswith("cifar"):
            write_cifar(tmp_path, monkeypatch, kind, parts)
        else:
            for prefix, part in (("train", "train"), ("t10k", "test")):
                pixels, labels = parts[part]
                write_idx(tmp_path / kind.__name__ / "raw", prefix, pixels[:, 0], labels)
        return parts

    return write


@pytest.fixture
def mnist_files(tmp_path, publish):
    """MNIST's layout with 60 training and 20 test images of 28x28, below SECATEUR_DATA."""
    publish("mnist")
    return tmp_path / "MNIST" / "raw"


@pytest.fixture
def no_network(monkeypatch):
    """Nothing listens at the proxies that downloads are to go through."""
    for variable in ("http_proxy", "https_proxy"):
        monkeypatch.setenv(variable, "http://127.0.0.1:9")


@pytest.fixture
def write_arrays(tmp_path):
    """Writes 20 grey images of 4x4 in 2 classes with any array replaced or added."""

    def write(**arrays):
        generator = np.random.default_rng(0)
        images = generator.integers(0, 256, (20, 4, 4), dtype=np.uint8)
        content = {"images": images, "labels": np.arange(20) % 2} | arrays
        kept = {key: value for key, value in content.items() if value is not None}
        np.savez(tmp_path / "numbers.npz", **kept)
        return tmp_path / "numbers.npz"

    return write
