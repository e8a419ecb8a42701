from __future__ import annotations

import pickle

import pytest

from secateur import errors


def test_every_error_is_in_the_tree_that_the_module_draws() -> None:
    raised = [
        kind
        for kind in vars(errors).values()
        if isinstance(kind, type) and kind.__module__ == errors.__name__
    ]
    assert raised
    for kind in raised:
        assert issubclass(kind, errors.SecateurError)
        assert kind.__name__ in (errors.__doc__ or "")


@pytest.mark.parametrize(
    ("kind", "code"), [(errors.SpecError, 2), (errors.DataError, 2), (errors.StageError, 1)]
)
def test_exit_codes(kind: type[errors.SecateurError], code: int) -> None:
    assert kind.exit_code == code


def test_a_spec_error_names_field_value_and_what_would_be_right() -> None:
    error = errors.SpecError("prune.targets", 2, "a share below 1")
    assert str(error) == "prune.targets: 2 is not usable; expected a share below 1"
    assert isinstance(error, ValueError)


def test_a_spec_error_survives_pickling() -> None:
    error = pickle.loads(pickle.dumps(errors.UnreachableTargetError("a.b", 0.9, "at most 0.8")))
    assert type(error) is errors.UnreachableTargetError
    assert (error.field, error.value, error.expected) == ("a.b", 0.9, "at most 0.8")


def test_a_long_value_is_cut() -> None:
    assert len(str(errors.SpecError("name", "x" * 1000, "less"))) < 150


@pytest.mark.parametrize(
    ("name", "phrase"),
    [("lennet", "'lenet' (nearest known name)"), ("zzz", "one of lenet, mlp, resnet")],
)
def test_nearest(name: str, phrase: str) -> None:
    assert errors.nearest(name, ["resnet", "mlp", "lenet"]) == phrase
