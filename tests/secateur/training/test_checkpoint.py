"""An interrupted training goes on as if it had not been interrupted."""

from dataclasses import replace
from itertools import islice

import pytest
import torch

from secateur.records import Recipe
from secateur.training.checkpoint import Checkpoint
from secateur.training.supervised import train

RECIPES = {
    # Momentum, order, augmentation and dropout: all that an epoch leaves behind.
    "momentum": Recipe(epochs=6, batch_size=5, optimizer="momentum", augment=("shift", "mirror")),
    "adam": Recipe(epochs=6, batch_size=5, optimizer="adam", learning_rate=0.01),
    # So high a rate that an early epoch stays the best one.
    "patience": Recipe(epochs=20, batch_size=5, optimizer="sgd", learning_rate=2.0, patience=3),
}


@pytest.fixture
def fresh(bars, network_for):
    return lambda: network_for(bars, "lenet", width=0.5, dropout=0.3, normalization="batch")


def state(network):
    return {name: value.clone() for name, value in network.state_dict().items()}


def assert_equal(one, other):
    assert one.keys() == other.keys()
    for name in one:
        torch.testing.assert_close(one[name], other[name], rtol=0, atol=0)


@pytest.mark.parametrize("recipe", RECIPES.values(), ids=RECIPES)
@pytest.mark.parametrize("played", [0, 1, 2, 3])
def test_goes_on_to_the_same_weights(bars, fresh, tmp_path, recipe, played):
    whole = fresh()
    metrics = list(train(whole, bars.development, recipe))

    kept, interrupted, resumed = Checkpoint(tmp_path / "training.pt"), fresh(), fresh()
    before = list(islice(train(interrupted, bars.development, recipe, checkpoint=kept), played))
    after = list(train(resumed, bars.development, recipe, checkpoint=kept))
    assert before == metrics[:played]
    assert after == metrics
    assert_equal(state(resumed), state(whole))


@pytest.mark.parametrize("name", ["momentum", "patience"])
def test_one_that_has_ended_is_told_and_not_trained_on(bars, fresh, tmp_path, name):
    kept, recipe = Checkpoint(tmp_path / "training.pt"), RECIPES[name]
    first, again = fresh(), fresh()
    metrics = list(train(first, bars.development, recipe, checkpoint=kept))
    written = kept.path.stat().st_mtime_ns
    assert list(train(again, bars.development, recipe, checkpoint=kept)) == metrics
    assert_equal(state(again), state(first))
    assert kept.path.stat().st_mtime_ns == written


def test_that_of_another_recipe_is_none(bars, fresh, tmp_path):
    kept, recipe = Checkpoint(tmp_path / "training.pt"), RECIPES["adam"]
    list(train(fresh(), bars.development, RECIPES["momentum"], checkpoint=kept))
    whole, other = fresh(), fresh()
    metrics = list(train(whole, bars.development, recipe))
    assert list(train(other, bars.development, recipe, checkpoint=kept)) == metrics
    assert_equal(state(other), state(whole))


def test_that_of_other_data_is_none(bars, fresh, tmp_path):
    kept, recipe = Checkpoint(tmp_path / "training.pt"), RECIPES["adam"]
    list(train(fresh(), bars.development, recipe, checkpoint=kept))
    other = replace(bars.development, mean=tuple(value + 0.01 for value in bars.development.mean))
    metrics = list(train(fresh(), other, recipe))
    assert list(train(fresh(), other, recipe, checkpoint=kept)) == metrics


def test_that_of_another_network_is_none(bars, fresh, network_for, tmp_path):
    kept, recipe = Checkpoint(tmp_path / "training.pt"), RECIPES["adam"]
    list(train(network_for(bars, "lenet", width=1.0), bars.development, recipe, checkpoint=kept))
    metrics = list(train(fresh(), bars.development, recipe))
    assert list(train(fresh(), bars.development, recipe, checkpoint=kept)) == metrics


@pytest.mark.parametrize("content", [b"", b"no checkpoint", b"PK\x03\x04 half of one"])
def test_a_spoilt_file_is_none(bars, fresh, tmp_path, content):
    kept, recipe = Checkpoint(tmp_path / "training.pt"), RECIPES["adam"]
    kept.path.write_bytes(content)
    assert len(list(train(fresh(), bars.development, recipe, checkpoint=kept))) == recipe.epochs


def test_one_that_is_spoilt_inside_is_none(bars, fresh, tmp_path):
    kept, recipe = Checkpoint(tmp_path / "training.pt"), RECIPES["adam"]
    list(islice(train(fresh(), bars.development, recipe, checkpoint=kept), 1))
    # The name of an entry is no UTF-8 any more.
    kept.path.write_bytes(kept.path.read_bytes().replace(b"generator", b"\xffenerator"))
    whole, resumed = fresh(), fresh()
    metrics = list(train(whole, bars.development, recipe))
    assert list(train(resumed, bars.development, recipe, checkpoint=kept)) == metrics
    assert_equal(state(resumed), state(whole))


def test_one_that_finds_no_room_leaves_the_one_before(bars, fresh, tmp_path, monkeypatch):
    kept, save = Checkpoint(tmp_path / "training.pt"), torch.save
    epochs = train(fresh(), bars.development, RECIPES["adam"], checkpoint=kept)
    before = [next(epochs)]

    def half(content, file):
        file.write(b"half")
        raise OSError("No space left on device")

    monkeypatch.setattr(torch, "save", half)
    with pytest.raises(OSError, match="No space left"):
        next(epochs)
    assert list(tmp_path.iterdir()) == [kept.path]
    monkeypatch.setattr(torch, "save", save)
    assert next(train(fresh(), bars.development, RECIPES["adam"], checkpoint=kept)) == before[0]


@pytest.mark.parametrize("name", ["training.pt", "training"])
def test_a_checkpoint_leaves_nothing_beside_it(bars, fresh, tmp_path, name):
    kept = Checkpoint(tmp_path / "folder" / name)
    list(train(fresh(), bars.development, RECIPES["adam"], checkpoint=kept))
    assert list(kept.path.parent.iterdir()) == [kept.path]
