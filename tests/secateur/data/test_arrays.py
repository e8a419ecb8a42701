import zipfile

import numpy as np
import pytest

from secateur.data import load
from secateur.errors import DataError
from secateur.spec import ArraysData


def pixels_of(path, **fields):
    """All images of a file that was read, by their first pixel."""
    data = load(ArraysData(path=path, **fields), seed=0)
    whole = np.concatenate([split.pixels for split in (data.train, data.validation, data.test)])
    return whole[np.lexsort(whole.reshape(len(whole), -1).T[::-1])]


def test_grey_images_in_two_classes(write_arrays):
    data = load(ArraysData(path=write_arrays()), seed=0)
    assert (data.name, data.labels, data.input_shape) == ("numbers", ("0", "1"), (1, 4, 4))
    # A fifth of 20 for testing; of the 16 left a fifth is 3.
    assert [len(split) for split in (data.train, data.validation, data.test)] == [13, 3, 4]
    assert np.bincount(data.test.labels).tolist() == [2, 2]
    with np.load(write_arrays()) as file:
        expected = {
            (image.tobytes(), int(label))
            for image, label in zip(file["images"], file["labels"], strict=True)
        }
    read = {
        (image.tobytes(), int(label))
        for split in (data.train, data.validation, data.test)
        for image, label in zip(split.pixels, split.labels, strict=True)
    }
    assert read == expected


@pytest.mark.parametrize("channels", [1, 3])
@pytest.mark.parametrize("last", [False, True])
def test_channels_come_second_or_last(write_arrays, channels, last):
    shape = (20, channels, 5, 4)
    images = np.arange(np.prod(shape)).astype(np.uint8).reshape(shape)
    given = images.transpose(0, 2, 3, 1) if last else images
    data = load(ArraysData(path=write_arrays(images=given)), seed=0)
    assert data.input_shape == (channels, 5, 4)
    assert set(map(bytes, data.test.pixels)) <= set(map(bytes, images))


def test_where_both_axes_could_be_channels_it_is_the_second(write_arrays):
    images = np.zeros((20, 1, 4, 3), np.uint8)
    assert load(ArraysData(path=write_arrays(images=images)), seed=0).input_shape == (1, 4, 3)


@pytest.mark.parametrize("kind", [np.float16, np.float32, np.float64])
def test_floats_up_to_one_and_up_to_white_are_the_same_images(write_arrays, kind):
    levels = np.random.default_rng(1).integers(0, 256, (20, 4, 4))
    levels[0, 0, 0] = 255
    expected = pixels_of(write_arrays(images=levels.astype(np.uint8)))
    for images in (levels.astype(kind), (levels / 255).astype(kind)):
        assert np.array_equal(pixels_of(write_arrays(images=images)), expected)


def test_floats_are_rounded(write_arrays):
    # 0.3·255 = 76.5 and 0.501·255 = 127.8; halves go to the even neighbour
    images = np.zeros((20, 1, 2))
    images[:] = 0.3, 0.501
    assert np.unique(pixels_of(write_arrays(images=images))).tolist() == [76, 128]


@pytest.mark.parametrize("labels", [None, np.zeros(20, int)])
def test_one_class_will_do_for_what_needs_none(write_arrays, labels):
    data = load(ArraysData(path=write_arrays(labels=labels)), seed=0)
    assert data.labels == (("unlabelled",) if labels is None else ("0",))
    # A fifth of 20 for testing, a fifth of the 16 left for validation.
    assert [len(split) for split in (data.train, data.validation, data.test)] == [13, 3, 4]


def test_a_test_split_without_labels(write_arrays):
    path = write_arrays(labels=None, test_images=np.full((6, 4, 4), 7, np.uint8))
    data = load(ArraysData(path=path), seed=0)
    assert (len(data.train) + len(data.validation), len(data.test)) == (20, 6)


def test_one_scale_for_both_parts(write_arrays):
    # The test images alone would be taken for white ones.
    images = np.full((20, 4, 4), 200.0)
    path = write_arrays(images=images, test_images=np.ones((2, 4, 4)), test_labels=np.arange(2))
    data = load(ArraysData(path=path), seed=0)
    assert data.test.pixels.max() == 1
    assert data.train.pixels.min() == 200


def test_a_test_split_of_its_own(write_arrays):
    images = np.full((6, 4, 4), 7, np.uint8)
    path = write_arrays(test_images=images, test_labels=np.arange(6) % 2)
    data = load(ArraysData(path=path), seed=0)
    assert [len(split) for split in (data.train, data.validation, data.test)] == [16, 4, 6]
    assert np.unique(data.test.pixels).tolist() == [7]


def test_share_of_the_test_split(write_arrays):
    assert len(load(ArraysData(path=write_arrays(), test=0.5), seed=0).test) == 10


def test_names_of_classes(write_arrays):
    data = load(ArraysData(path=write_arrays(classes=["cat", "dog"])), seed=0)
    assert data.labels == ("cat", "dog")


@pytest.mark.parametrize("kind", [np.uint8, np.int32, np.uint64])
def test_labels_of_any_integer_type(write_arrays, kind):
    data = load(ArraysData(path=write_arrays(labels=(np.arange(20) % 2).astype(kind))), seed=0)
    assert data.train.labels.dtype == np.int64


def spoilt(value, kind=np.float32):
    images = np.full((20, 4, 4), 0.5, kind)
    images[7, 1, 2] = images[9, 0, 0] = value
    return images


def labels_with(value):
    labels = np.arange(20) % 2
    labels[3] = value
    return labels


GREY = np.zeros((20, 4, 4), np.uint8)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"images": spoilt(np.nan)}, ["images[7, 1, 2] is nan", "2 values", "not finite"]),
        ({"images": spoilt(np.inf)}, ["images[7, 1, 2] is inf", "2 values"]),
        ({"images": spoilt(-0.1)}, ["images hold -0.1 to 0.5", "[0, 1]"]),
        ({"images": spoilt(256)}, ["images hold 0.5 to 256", "[0, 255]"]),
        ({"images": GREY.astype(np.int64)}, ["images are int64", "uint8"]),
        ({"images": GREY[0]}, ["images are uint8 of shape (4, 4)", "(images, height, width)"]),
        ({"images": GREY.reshape(20, 4, 2, 2)}, ["(20, 4, 2, 2)", "1 or 3 channels"]),
        ({"images": GREY[:, :0]}, ["(20, 0, 4)", "none of them empty"]),
        ({"images": GREY[:0], "labels": np.arange(0)}, ["(0, 4, 4)", "none of them empty"]),
        ({"images": None}, ["no array 'images'", "expected images, labels"]),
        ({"labels": None, "classes": ["a", "b"]}, ["no array 'labels'"]),
        ({"labels": np.arange(19) % 2}, ["labels are int64 of shape (19,) for 20 images"]),
        ({"labels": np.eye(2)[np.arange(20) % 2]}, ["labels are float64", "integers"]),
        ({"labels": labels_with(-1)}, ["labels[3] is -1, one of 1", "0 to 1"]),
        ({"labels": labels_with(10**12)}, ["labels[3] is 1000000000000", "0 to 19"]),
        ({"labels": labels_with(2), "classes": ["a", "b"]}, ["labels[3] is 2", "0 to 1"]),
        ({"labels": labels_with(3)}, ["no label is 2; expected all of 0 to 3"]),
        ({"labels": np.arange(20) % 2 + 1}, ["no label is 0; expected all of 0 to 2"]),
        ({"classes": np.arange(2)}, ["classes are int64", "distinct strings"]),
        ({"classes": ["a", "a"]}, ["classes", "distinct strings"]),
        ({"test_images": GREY}, ["no array 'test_labels'"]),
        ({"test_labels": np.arange(2)}, ["no array 'test_images'"]),
        ({"test_image": GREY}, ["unknown array 'test_image'; expected 'test_images'"]),
        (
            {"test_images": GREY[:2, :3], "test_labels": np.arange(2)},
            ["training images of 1x4x4 and test images of 1x3x4"],
        ),
        (
            {"test_images": spoilt(np.nan)[:8], "test_labels": np.arange(8) % 2},
            ["test_images[7, 1, 2] is nan"],
        ),
        ({"test_images": GREY[:2], "test_labels": np.arange(2) + 1}, ["test_labels[1] is 2"]),
    ],
)
def test_refusals(write_arrays, change, words):
    with pytest.raises(DataError) as refused:
        load(ArraysData(path=write_arrays(**change)), seed=0)
    message = str(refused.value)
    assert [word for word in words if word not in message] == []
    assert "\n" not in message


def test_pickled_objects_are_refused(write_arrays):
    path = write_arrays(labels=np.array([object()] * 20))
    with pytest.raises(DataError, match="allow_pickle=False"):
        load(ArraysData(path=path), seed=0)


def a_single_array(path):
    with path.open("wb") as file:
        np.save(file, GREY)


def a_file_cut_short(path):
    np.savez(path, images=GREY, labels=np.arange(20))
    path.write_bytes(path.read_bytes()[:300])


def a_flipped_byte(path):
    np.savez(path, images=GREY, labels=np.arange(20))
    content = bytearray(path.read_bytes())
    content[300] ^= 1
    path.write_bytes(content)


def a_header_of(text):
    def write(path):
        header = text.encode().ljust(117) + b"\n"  # ten bytes before it: 128 in all
        with zipfile.ZipFile(path, "w") as file:
            file.writestr("images.npy", b"\x93NUMPY\x01\x00" + b"\x76\x00" + header)

    return write


def test_a_file_of_a_user_who_does_not_exist():
    with pytest.raises(DataError, match=r"^~nobody-of-this-name/a\.npz: .*No such file"):
        load(ArraysData(path="~nobody-of-this-name/a.npz"), seed=0)


@pytest.mark.parametrize(
    "write",
    [
        lambda path: None,
        lambda path: path.mkdir(),
        lambda path: path.write_bytes(b""),
        lambda path: path.write_text("no arrays"),
        a_single_array,
        a_file_cut_short,
        a_flipped_byte,
        a_header_of("{"),
        a_header_of("{'descr': '|u1', 'fortran_order': False, 'shape': (10000000000000000,)}"),
        a_header_of("{'descr': '|u1', 'fortran_order': False, 'shape': (99999999999999999999,)}"),
    ],
)
def test_files_that_hold_no_arrays(tmp_path, write):
    path = tmp_path / "file.npz"
    write(path)
    with pytest.raises(DataError) as refused:
        load(ArraysData(path=path), seed=0)
    message = str(refused.value)
    assert message.startswith(f"{path}: cannot be read as arrays (")
    assert message.endswith("expected a file of numpy.savez with images and labels")
    assert "\n" not in message
