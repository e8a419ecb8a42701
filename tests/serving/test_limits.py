from __future__ import annotations

import pytest

from secateur.errors import SpecError
from serving.admission import Admission
from serving.errors import OverloadedError
from serving.limits import Limits


def test_assignments() -> None:
    limits = Limits.of(["body_bytes=1000", "answer_seconds=0.5"])
    assert limits == Limits(body_bytes=1000, answer_seconds=0.5)
    assert Limits.of([]) == Limits()


@pytest.mark.parametrize(
    ("assignment", "message"),
    [
        ("body_bytes", "limit: 'body_bytes' is not usable; expected NAME=VALUE"),
        ("body_byte=1", "limit: 'body_byte' is not usable; expected 'body_bytes' (nearest"),
        ("images=0", "images: '0' is not usable; expected a whole number above 0"),
        ("images=1.5", "images: '1.5' is not usable; expected a whole number above 0"),
        ("body_seconds=inf", "body_seconds: 'inf' is not usable; expected a finite number above"),
        ("body_seconds=", "body_seconds: '' is not usable"),
    ],
)
def test_assignments_that_are_none(assignment: str, message: str) -> None:
    with pytest.raises(SpecError) as error:
        Limits.of([assignment])
    assert str(error.value).startswith(message)


def test_places_are_counted_and_given_back() -> None:
    admission = Admission(Limits(requests=2))
    with admission.place():
        with admission.place():
            with pytest.raises(OverloadedError, match="2 requests are waiting"), admission.place():
                pass
            assert admission.requests == 2
        with admission.place():
            assert admission.requests == 2
    assert admission.requests == 0


def test_bytes_are_counted_and_given_back() -> None:
    admission = Admission(Limits(held_bytes=10))
    with admission.place() as first:
        first.hold(6)
        with admission.place() as second:
            second.hold(4)
            with pytest.raises(OverloadedError, match="fill the memory"):
                second.hold(1)
            assert admission.held_bytes == 10
        assert admission.held_bytes == 6
    assert admission.held_bytes == 0
