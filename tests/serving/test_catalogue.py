from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from secateur.errors import UserError
from serving.catalogue import Catalogue, Model, Open
from serving.errors import UnknownModelError
from serving.source import FolderSource, SavedModel
from tests.serving.kinds import SaveModel


def the_challenger(champion: Model, challenger: Model) -> Model:
    return challenger


def test_models_by_name_and_version(saved: Path, opened: Open) -> None:
    sources = [FolderSource("a", saved), FolderSource("b", saved, "5")]
    catalogue = Catalogue.load(sources, opened)
    assert [model.name for model in catalogue] == ["a", "b"]
    assert catalogue.get("b").version == "5"
    assert catalogue.get("b", "5") is catalogue.get("b")


@pytest.mark.parametrize(
    ("name", "version", "message"),
    [
        ("c", None, "model 'c' is not served here"),
        ("a", "2", "model 'a' has no version '2'"),
        ("a", "", "model 'a' has no version ''"),
    ],
)
def test_what_is_not_served(
    saved: Path, opened: Open, name: str, version: str | None, message: str
) -> None:
    with pytest.raises(UnknownModelError, match=message):
        Catalogue.load([FolderSource("a", saved)], opened).get(name, version)


def test_two_models_of_one_name(saved: Path, opened: Open) -> None:
    with pytest.raises(UserError, match="two models are named 'a'"):
        Catalogue.load([FolderSource("a", saved)] * 2, opened)


def test_a_new_champion_replaces_the_old_one(saved: Path, opened: Open) -> None:
    catalogue = Catalogue.load([FolderSource("a", saved)], opened)
    old = catalogue.get("a")
    catalogue.crown(opened("a", SavedModel("2", saved)))
    assert catalogue.get("a").version == "2"
    with pytest.raises(UnknownModelError, match="has no version '1'"):
        catalogue.get("a", "1")
    assert old.version == "1"  # whoever holds it goes on


def test_the_policy_decides_only_where_nobody_names_a_version(saved: Path, opened: Open) -> None:
    catalogue = Catalogue.load([FolderSource("a", saved)], opened, the_challenger)
    assert catalogue.pick("a").version == "1"  # without a challenger
    catalogue.challenge("a", opened("a", SavedModel("2", saved)))
    assert catalogue.pick("a").version == "2"
    assert catalogue.get("a").version == "1"
    assert catalogue.pick("a", "1").version == catalogue.get("a", "1").version == "1"
    assert catalogue.pick("a", "2").version == catalogue.get("a", "2").version == "2"
    catalogue.challenge("a", None)
    assert catalogue.pick("a").version == "1"


@pytest.mark.parametrize("changes", [{"labels": ("night", "day")}, {"channels": 3}, {"side": 4}])
def test_who_cannot_stand_in_for_the_champion_is_not_asked(
    saved: Path, save_model: SaveModel, opened: Open, changes: dict[str, object]
) -> None:
    catalogue = Catalogue.load([FolderSource("a", saved)], opened, the_challenger)
    other = opened("a", SavedModel("2", save_model(**changes)))
    if "side" in changes:  # nothing differs but the version, and that is the champion's
        other = replace(other, version="1")
    catalogue.challenge("a", other)
    assert catalogue.pick("a") is catalogue.get("a")
