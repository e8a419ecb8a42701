import pytest
from pydantic import ValidationError

from secateur.records import GenerativeRecipe
from secateur.spaces import GenerativeRecipeSpace, dimensions, ends


def test_default_dimensions_are_valid_themselves():
    space = GenerativeRecipeSpace()
    assert GenerativeRecipeSpace.model_validate(dimensions(space)) == space


def test_every_end_of_every_dimension_makes_a_recipe():
    budget = {"steps", "interval", "seconds", "seed"}
    assert set(GenerativeRecipeSpace.model_fields) == set(GenerativeRecipe.model_fields) - budget
    for field, dimension in dimensions(GenerativeRecipeSpace()).items():
        for value in () if dimension is None else ends(dimension):
            assert getattr(GenerativeRecipe.model_validate({field: value}), field) == value


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("loss", "hinge", "one of auto, least-squares"),
        ("constraint", ["none", "clip"], "'clipping' .nearest known name"),
        ("critic_steps", 0, "values in .1, 100., not 0"),
        ("label_smoothing", {"low": 0, "high": 0.5}, "values in .0, 0.49., not 0.5"),
        ("ema", 1, "not 1"),
        ("critic_rate", 0, "values in"),
    ],
)
def test_bad_values(field, value, words):
    with pytest.raises(ValidationError, match=words):
        GenerativeRecipeSpace.model_validate({field: value})
