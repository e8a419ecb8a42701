from __future__ import annotations

from math import inf

from agents.silence import Silence
from tests.clock import Clock


def test_who_was_heard_of_longest_ago_breaks_first() -> None:
    clock = Clock()
    silence = Silence[str](5, clock)
    assert (silence.left, silence.broken()) == (inf, None)
    silence.heard("a")
    clock.now = 1
    silence.heard("b")
    clock.now = 3
    silence.heard("a")
    # b breaks at 6, a at 8.
    assert (silence.left, silence.broken()) == (3, None)
    clock.now = 20
    assert [silence.broken() for _ in range(3)] == ["b", "a", None]


def test_nothing_is_expected_of_who_is_gone() -> None:
    clock = Clock()
    silence = Silence[str](5, clock)
    silence.heard("a")
    silence.gone("a")
    silence.gone("never heard of")
    clock.now = 20
    assert (silence.left, silence.broken()) == (inf, None)


def test_without_a_longest_none_breaks() -> None:
    silence = Silence[str](inf)
    silence.heard("a")
    assert (silence.left, silence.broken()) == (inf, None)


def test_the_time_of_those_who_could_not_be_heard_of_begins_anew() -> None:
    clock = Clock()
    silence = Silence[str](5, clock)
    for key in ("a", "b"):
        silence.heard(key)
    clock.now = 20
    silence.excused()
    assert (len(silence), silence.left, silence.broken()) == (2, 5, None)
    clock.now = 25
    assert [silence.broken() for _ in range(3)] == ["a", "b", None]
    assert len(silence) == 0
