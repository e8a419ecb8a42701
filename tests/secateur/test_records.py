"""What was recorded stays readable."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from secateur.records import Recipe


@pytest.mark.parametrize(
    ("written", "names"),
    [
        ("true", ("shift",)),  # as older records have it
        ("false", ()),
        ('["shift", "mirror"]', ("shift", "mirror")),
        ('"mirror"', ("mirror",)),
    ],
)
def test_augmentations_of_older_and_newer_recipes(written: str, names: tuple[str, ...]) -> None:
    recipe = Recipe.from_json(f'{{"augment": {written}}}')
    assert recipe.augment == names
    assert Recipe.from_json(recipe.model_dump_json()) == recipe


@pytest.mark.parametrize("given", [["shift", "shift"], ["flip"], 3, [True]])
def test_other_augmentations_are_refused(given: Any) -> None:
    with pytest.raises(ValidationError):
        Recipe(augment=given)
