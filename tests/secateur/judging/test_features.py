import re
import shutil

import pytest
import torch

from secateur.errors import ArtifactError
from secateur.judging import features
from secateur.judging.distortions import DISTORTIONS, told_apart
from secateur.judging.features import features_for
from secateur.training.preprocess import to_float


def test_the_classifier_tells_digits_apart(digits, kept):
    found = features_for(digits.development, kept)
    pixels, labels = digits.test.tensors()
    said = found.classify(found.of(pixels))
    assert (said == labels).double().mean() > 0.93
    assert found.classes == 10


def test_features_are_64_and_of_unit_variance(digits, kept):
    found = features_for(digits.development, kept)
    made = found.of(digits.train.tensors()[0])
    assert made.shape == (len(digits.train), 64)
    assert made.double().var(dim=0).mean() == pytest.approx(1, rel=1e-4)


def test_pixels_and_signed_images_are_the_same(digits, kept):
    found = features_for(digits.development, kept)
    pixels = digits.test.tensors()[0][:20]
    torch.testing.assert_close(found.of(pixels), found.of(to_float(pixels) * 2 - 1))


def test_features_are_trained_once(digits, kept, monkeypatch):
    first = features_for(digits.development, kept)
    monkeypatch.setattr(features, "train", lambda *_: pytest.fail("trained again"))
    again = features_for(digits.development, kept)
    pixels = digits.test.tensors()[0][:20]
    assert again.name == first.name
    assert torch.equal(again.of(pixels), first.of(pixels))


def test_a_name_says_what_the_features_are(digits, one_kind, kept):
    assert re.fullmatch(r"classifier-64/[0-9a-f]{8}", features_for(digits.development, kept).name)
    assert re.fullmatch(r"distortions-64/[0-9a-f]{8}", features_for(one_kind, kept).name)


def test_another_seed_makes_other_features(digits, kept, monkeypatch):
    monkeypatch.setattr(features, "_EPOCHS", (1, 1))
    one, two = (features_for(digits.development, kept, seed) for seed in (1, 2))
    assert one.name != two.name


def test_a_broken_file_is_named(digits, kept, tmp_path):
    features_for(digits.development, kept)
    shutil.copytree(kept, tmp_path, dirs_exist_ok=True)
    for file in tmp_path.iterdir():
        file.write_bytes(b"broken")
    with pytest.raises(ArtifactError, match=r"features-\w{16}\.safetensors: not the features"):
        features_for(digits.development, tmp_path)


def test_every_distortion_is_a_class_of_its_own(one_kind):
    lessons = told_apart(one_kind, seed=0)
    count = len(one_kind.train)
    assert lessons.outputs == len(DISTORTIONS)
    assert len(lessons.train) == count * len(DISTORTIONS)
    assert (lessons.train.pixels[:count] == one_kind.train.pixels).all()
    for place in range(1, len(DISTORTIONS)):
        part = slice(place * count, (place + 1) * count)
        assert (lessons.train.labels[part] == place).all()
        # An image that is one grey all over stays as it is; the digits have none.
        changed = lessons.train.pixels[part] != one_kind.train.pixels
        assert changed.any(axis=(1, 2, 3)).mean() > 0.99


def test_shuffling_keeps_every_pixel(one_kind):
    lessons = told_apart(one_kind, seed=0)
    place = [distortion.__name__ for distortion in DISTORTIONS].index("shuffled")
    count = len(one_kind.train)
    shuffled = lessons.train.pixels[place * count : (place + 1) * count]
    for before, after in zip(one_kind.train.pixels, shuffled, strict=True):
        assert sorted(before.ravel()) == sorted(after.ravel())
