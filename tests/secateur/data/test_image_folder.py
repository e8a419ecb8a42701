import shutil

import numpy as np
import pytest
from PIL import Image

from secateur.data import load
from secateur.errors import DataError
from secateur.spec import ImageFolderData


def test_classes_are_folders_in_alphabetical_order(class_folders):
    data = load(ImageFolderData(root=class_folders), seed=0)
    assert (data.name, data.labels, data.input_shape) == ("animals", ("bird", "cat"), (3, 4, 4))
    # 10 images a class: 2 for testing; of the 16 left a fifth is 3
    assert [len(split) for split in (data.train, data.validation, data.test)] == [13, 3, 4]
    birds = data.train.pixels[data.train.labels == 0]
    assert np.array_equal(birds[0, :, 0, 0], [10, 20, 30])
    assert np.array_equal(birds, np.broadcast_to(birds[:1], birds.shape))


def test_splits_are_disjoint_and_complete(class_folders):
    data = load(ImageFolderData(root=class_folders), seed=0)
    cats = [
        int(image[0, 0, 0])
        for split in (data.train, data.validation, data.test)
        for image in split.pixels[split.labels == 1]
    ]
    assert sorted(cats) == list(range(10))


def test_data_have_the_name_that_their_folder_is_called_by(class_folders, tmp_path, monkeypatch):
    (tmp_path / "linked").symlink_to(class_folders)
    assert load(ImageFolderData(root=tmp_path / "linked"), seed=0).name == "linked"
    for here, root in ((class_folders, "."), (class_folders / "cat", "..")):
        monkeypatch.chdir(here)
        assert load(ImageFolderData(root=root), seed=0).name == class_folders.name


def test_share_of_the_test_split(class_folders):
    assert len(load(ImageFolderData(root=class_folders, test=0.5), seed=0).test) == 10


def test_train_and_test_folders_are_kept_apart(tmp_path, write_image):
    for name in ("dog", "ant"):
        for number in range(5):
            write_image(tmp_path / "train" / name / f"{number}.png", (1, 1, 1))
        for number in range(2):
            write_image(tmp_path / "test" / name / f"{number}.png", (2, 2, 2))
    data = load(ImageFolderData(root=tmp_path), seed=0)
    assert data.labels == ("ant", "dog")
    assert [len(split) for split in (data.train, data.validation, data.test)] == [8, 2, 4]
    assert data.train.pixels.max() == data.validation.pixels.max() == 1
    assert data.test.pixels.min() == 2
    assert sorted(data.test.labels) == [0, 0, 1, 1]


def test_gray(class_folders):
    data = load(ImageFolderData(root=class_folders, mode="gray"), seed=0)
    assert data.input_shape == (1, 4, 4)
    # ITU-R 601: 0.299·10 + 0.587·20 + 0.114·30 = 18.15
    assert data.train.pixels[data.train.labels == 0].max() == 18


def test_grey_among_colour_becomes_colour_where_that_is_chosen(class_folders, write_image):
    write_image(class_folders / "cat" / "grey.png", 200, mode="L")
    data = load(ImageFolderData(root=class_folders, mode="rgb"), seed=0)
    everything = np.concatenate([data.train.pixels, data.validation.pixels, data.test.pixels])
    assert (everything == 200).all(axis=(1, 2, 3)).sum() == 1


def test_size_is_height_and_width(class_folders, write_image):
    write_image(class_folders / "cat" / "large.png", size=(9, 30))
    data = load(ImageFolderData(root=class_folders, size=(6, 5)), seed=0)
    assert data.input_shape == (3, 6, 5)


def test_other_files_hidden_files_and_nested_folders_are_passed_over(class_folders):
    (class_folders / "README.txt").write_text("notes")
    (class_folders / ".cache").mkdir()
    (class_folders / "cat" / "notes.txt").write_text("notes")
    (class_folders / "cat" / ".hidden.png").write_text("no image")
    (class_folders / "cat" / "nested").mkdir()
    data = load(ImageFolderData(root=class_folders), seed=0)
    assert len(data.train) + len(data.validation) + len(data.test) == 20


def test_suffixes_in_capitals(class_folders):
    (class_folders / "cat" / "0.png").rename(class_folders / "cat" / "0.PNG")
    data = load(ImageFolderData(root=class_folders), seed=0)
    assert len(data.train) + len(data.validation) + len(data.test) == 20


def test_a_home_directory_is_expanded(class_folders, monkeypatch):
    monkeypatch.setenv("HOME", str(class_folders.parent))
    assert load(ImageFolderData(root="~/animals"), seed=0).name == "animals"


def refusal(root, **fields):
    with pytest.raises(DataError) as refused:
        load(ImageFolderData(root=root, **fields), seed=0)
    assert "\n" not in str(refused.value)
    return str(refused.value)


def test_missing_root(tmp_path):
    message = refusal(tmp_path / "absent")
    assert message.startswith(f"data.root: {tmp_path / 'absent'} is no folder; expected")
    assert refusal("~nobody-of-this-name/images").startswith("data.root: ~nobody-of-this-name/")


def test_root_that_is_a_file(class_folders):
    assert "is no folder" in refusal(class_folders / "cat" / "0.png")


def test_empty_folder(tmp_path):
    assert f"{tmp_path}: holds no class folders; expected folders" in refusal(tmp_path)


def test_one_class_only(class_folders):
    (class_folders / "bird").rename(class_folders.parent / "elsewhere")
    data = load(ImageFolderData(root=class_folders), seed=0)
    assert data.labels == ("cat",)
    # A fifth of 10 for testing, a fifth of the 8 left for validation
    assert [len(split) for split in (data.train, data.validation, data.test)] == [6, 2, 2]


def test_train_without_test(class_folders):
    (class_folders.parent / "train").mkdir()
    class_folders.rename(class_folders.parent / "train" / "animals")
    assert "only the class folder 'train'" in refusal(class_folders.parent)


def test_empty_class_folder(class_folders):
    (class_folders / "cow").mkdir()
    message = refusal(class_folders)
    assert f"{class_folders / 'cow'}: class folder without an image; expected files" in message


@pytest.mark.parametrize(("other", "first"), [("val", "train"), ("Test", "Test")])
def test_splits_of_other_names(class_folders, other, first):
    root = class_folders.parent / "splits"
    for name in ("train", other):
        shutil.copytree(class_folders, root / name)
    message = refusal(root)
    assert f"{root / first}: holds folders in place of images; expected" in message
    assert "'train' and 'test'" in message


def test_a_class_of_two_images(class_folders, write_image):
    for number in range(2):
        write_image(class_folders / "cow" / f"{number}.png")
    assert "class 'cow': 2 images are too few to split; expected at least 3" in refusal(
        class_folders
    )


def test_classes_that_differ_between_train_and_test(class_folders):
    root = class_folders.parent
    class_folders.rename(root / "train")
    for name in ("bird", "fish"):
        (root / "test" / name).mkdir(parents=True)
        Image.new("RGB", (4, 4)).save(root / "test" / name / "0.png")
    assert f"{root}: class 'cat' is not in both of 'train' and 'test'" in refusal(root)


def test_unreadable_image(class_folders):
    broken = class_folders / "cat" / "broken.png"
    broken.write_bytes(b"no image")
    assert f"{broken}: cannot be read as an image (of no known format)" in refusal(class_folders)


def test_the_way_out_of_an_unreadable_image_is_named(class_folders):
    (class_folders / "cat" / "broken.png").write_bytes(b"no image")
    assert refusal(class_folders).endswith("or data.on_error: skip")


def test_unreadable_images_are_skipped_and_counted_on_demand(class_folders):
    gone = [class_folders / "bird" / "0.png", class_folders / "cat" / "3.png"]
    gone[0].write_bytes(b"no image")  # the first of all
    gone[1].write_bytes(gone[1].read_bytes()[:50])
    data = load(ImageFolderData(root=class_folders, on_error="skip"), seed=0)
    assert data.skipped == tuple(map(str, gone))
    splits = (data.train, data.validation, data.test)
    labels = np.concatenate([split.labels for split in splits])
    assert np.bincount(labels).tolist() == [9, 9]
    reds = np.concatenate([split.pixels[:, 0, 0, 0] for split in splits])
    assert sorted(reds[labels == 1]) == [0, 1, 2, 4, 5, 6, 7, 8, 9]
    assert set(reds[labels == 0]) == {10}


def test_skipping_leaves_sound_folders_as_they_are(class_folders):
    strict, lenient = (
        load(ImageFolderData(root=class_folders, on_error=rule), seed=0)
        for rule in ("fail", "skip")
    )
    assert strict.skipped == lenient.skipped == ()
    assert strict.split_digest == lenient.split_digest


def test_skipping_in_train_and_test_folders(tmp_path, write_image):
    for part, value in (("train", 1), ("test", 2)):
        for name in ("ant", "dog"):
            for number in range(5):
                write_image(tmp_path / part / name / f"{number}.png", (value, value, value))
    (tmp_path / "train" / "dog" / "0.png").write_bytes(b"")
    (tmp_path / "test" / "ant" / "4.png").write_bytes(b"")
    data = load(ImageFolderData(root=tmp_path, on_error="skip"), seed=0)
    assert len(data.skipped) == 2
    pool = np.concatenate([data.train.labels, data.validation.labels])
    assert np.bincount(pool).tolist() == [5, 4]
    assert np.bincount(data.test.labels).tolist() == [4, 5]
    assert data.train.pixels.max() == 1
    assert data.test.pixels.min() == 2


def test_a_class_of_which_nothing_can_be_read(class_folders):
    for path in (class_folders / "bird").iterdir():
        path.write_bytes(b"no image")
    message = refusal(class_folders, on_error="skip")
    assert f"{class_folders / 'bird'}: class folder without an image that can be read" in message
    assert "all 10 were skipped" in message


def test_other_sizes_are_not_skipped(class_folders, write_image):
    write_image(class_folders / "cat" / "odd.png", size=(5, 7))
    assert "data.size" in refusal(class_folders, on_error="skip")


def test_truncated_image(class_folders):
    cut = class_folders / "cat" / "3.png"
    cut.write_bytes(cut.read_bytes()[:50])  # the header, and no pixels
    assert f"{cut}: cannot be read as an image" in refusal(class_folders)


def test_mixed_sizes_without_size(class_folders, write_image):
    odd = write_image(class_folders / "cat" / "odd.png", size=(5, 7))
    message = refusal(class_folders)
    assert f"{odd}: 5x7 pixels, unlike 4x4 of {class_folders / 'bird' / '0.png'}" in message
    assert "data.size" in message


def test_a_folder_in_grey_has_one_channel(tmp_path, write_image):
    for number in range(5):
        write_image(tmp_path / "dark" / f"{number}.png", number, mode="L")
        write_image(tmp_path / "light" / f"{number}.png", 1000 * number, mode="I;16")
    assert load(ImageFolderData(root=tmp_path), seed=0).input_shape == (1, 4, 4)
    coloured = load(ImageFolderData(root=tmp_path, mode="rgb"), seed=0)
    assert coloured.input_shape == (3, 4, 4)


def test_grey_among_colours_is_refused_unless_a_mode_is_chosen(class_folders, write_image):
    grey = write_image(class_folders / "cat" / "grey.png", 7, mode="L")
    with pytest.raises(DataError) as refused:
        load(ImageFolderData(root=class_folders), seed=0)
    assert f"{grey} is grey and {class_folders}/bird/0.png is in colour" in str(refused.value)
    assert "data.mode: rgb" in str(refused.value)
    for mode, channels in (("rgb", 3), ("gray", 1)):
        assert load(ImageFolderData(root=class_folders, mode=mode), 0).input_shape[0] == channels
