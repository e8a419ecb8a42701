from __future__ import annotations

from pathlib import Path

import pytest

from secateur.errors import UserError
from serving.catalogue import Catalogue, Predict
from serving.errors import UnknownModelError
from serving.runtime import Classifier
from serving.source import FolderSource


def never(classifier: Classifier) -> Predict:
    async def predict(images: object) -> object:
        raise NotImplementedError

    return predict


def test_models_by_name_and_version(saved: Path) -> None:
    sources = [FolderSource("a", saved), FolderSource("b", saved, "5")]
    catalogue = Catalogue.load(sources, never)
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
def test_what_is_not_served(saved: Path, name: str, version: str | None, message: str) -> None:
    with pytest.raises(UnknownModelError, match=message):
        Catalogue.load([FolderSource("a", saved)], never).get(name, version)


def test_two_models_of_one_name(saved: Path) -> None:
    with pytest.raises(UserError, match="two models are named 'a'"):
        Catalogue.load([FolderSource("a", saved)] * 2, never)
