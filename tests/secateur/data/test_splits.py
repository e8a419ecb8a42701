import numpy as np
import pytest

from secateur.data.images import Images
from secateur.data.splits import hold_out_test, hold_out_validation, limited, shuffled
from secateur.errors import DataError

LABELS = ("a", "b", "c")


def images(*sizes):
    """``sizes`` images of each class; each image's pixel is its own number."""
    labels = np.repeat(np.arange(len(sizes)), sizes)
    numbers = np.arange(len(labels), dtype=np.uint8)
    return Images(numbers[:, None, None, None], labels.astype(np.int64))


def numbers(part):
    return part.pixels.ravel().tolist()


def sizes(part):
    return np.bincount(part.labels, minlength=3).tolist()


def test_each_class_gives_its_share():
    # a fifth of 50, 30 and 20
    train, validation = hold_out_validation(images(50, 30, 20), LABELS, 0.2, seed=0)
    assert sizes(validation) == [10, 6, 4]
    assert sizes(train) == [40, 24, 16]


def test_remainders_go_to_the_largest():
    # a fifth of 60 is 12; 5.8, 4.6 and 1.6 round down to 10, the two left go to a and then,
    # of the equal remainders of b and c, to the first
    _, validation = hold_out_validation(images(29, 23, 8), LABELS, 0.2, seed=0)
    assert sizes(validation) == [6, 5, 1]


def test_a_rare_class_is_on_both_sides():
    # a tenth of 102 is 10; of 2 images a tenth is 0.2, but one is held out all the same
    train, validation = hold_out_validation(images(50, 50, 2), LABELS, 0.1, seed=0)
    assert sizes(validation) == [5, 4, 1]
    assert sizes(train) == [45, 46, 1]


def test_test_split_leaves_two_a_class_for_training_and_validation():
    rest, test = hold_out_test(images(3, 3, 3), LABELS, 0.34, seed=0, field="data.test")
    assert sizes(test) == [1, 1, 1]
    assert sizes(rest) == [2, 2, 2]


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_sides_are_disjoint_complete_and_keep_labels(seed):
    whole = images(50, 30, 20)
    train, validation = hold_out_validation(whole, LABELS, 0.25, seed)
    assert sorted(numbers(train) + numbers(validation)) == list(range(100))
    for part in (train, validation):
        assert np.array_equal(whole.labels[numbers(part)], part.labels)


def test_a_seed_decides_the_split():
    whole = images(50, 30, 20)
    first, second, other = (
        numbers(hold_out_validation(whole, LABELS, 0.2, seed)[1]) for seed in (1, 1, 2)
    )
    assert first == second
    assert sorted(first) != sorted(other)


def test_sides_come_in_random_order():
    _, validation = hold_out_validation(images(50, 30, 20), LABELS, 0.5, seed=0)
    assert numbers(validation) != sorted(numbers(validation))


def test_shuffled_keeps_every_image():
    whole = images(20, 20, 20)
    again = shuffled(whole, seed=0)
    assert numbers(again) != numbers(whole)
    assert sorted(numbers(again)) == numbers(whole)
    assert np.array_equal(whole.labels[numbers(again)], again.labels)


def test_limit_keeps_shares():
    assert sizes(limited(images(50, 30, 20), LABELS, 10, seed=0)) == [5, 3, 2]


def test_limit_keeps_two_a_class():
    # 20 of 102: 9.8, 9.8 and 0.4; the last gets 2, which the others pay for
    assert sizes(limited(images(50, 50, 2), LABELS, 20, seed=0)) == [9, 9, 2]


@pytest.mark.parametrize("limit", [None, 9, 100])
def test_limit_above_the_size_keeps_all(limit):
    whole = images(3, 3, 3)
    assert limited(whole, LABELS, limit, seed=0) is whole


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: hold_out_validation(images(9, 9, 1), LABELS, 0.3, 0), ["'c'", "1 images", "2"]),
        (lambda: hold_out_validation(images(9, 9), LABELS, 0.3, 0), ["'c'", "0 images", "2"]),
        (lambda: hold_out_test(images(9, 9, 2), LABELS, 0.3, 0, "data.test"), ["'c'", "2 ", "3"]),
        # 2 of 30 images for 3 classes: at least 3 of 30
        (
            lambda: hold_out_validation(images(10, 10, 10), LABELS, 0.06, 0),
            ["data.validation", "0.06 of 30", "is 2", "[0.1, 0.9]"],
        ),
        # 26 of 30 leave 4, but three classes need two each: at most 24
        (
            lambda: hold_out_test(images(10, 10, 10), LABELS, 0.87, 0, "data.test"),
            ["data.test", "0.87 of 30", "is 26", "[0.1, 0.8]"],
        ),
        (lambda: limited(images(9, 9, 9), LABELS, 5, 0), ["data.limit", "5", "at least 6"]),
        (lambda: limited(images(9, 9, 1), LABELS, 8, 0), ["'c'", "1 images", "2"]),
    ],
)
def test_refusals(call, words):
    with pytest.raises(DataError) as refused:
        call()
    assert [word for word in words if word not in str(refused.value)] == []
    assert "\n" not in str(refused.value)
