"""Hostile requests one after another: what others ask, and the memory, do not suffer."""

from __future__ import annotations

import tracemalloc

import pytest

from tests.serving import test_hostile_pictures as pictures
from tests.serving import test_hostile_tensors as tensors
from tests.serving.kinds import Send

MB = 2**20


def play(send: Send) -> int:
    """Send every hostile request, and a sound one after each; returns how many were hostile."""
    hostile = [(tensors.INFER, request) for request, _, _ in tensors.CASES.values()]
    hostile += [(pictures.CLASSIFY, request) for request, _, _ in pictures.CASES.values()]
    white = tensors.infer(tensors.message(tensors.tensor()))
    for path, request in hostile:
        assert send("POST", path, **request).status_code >= 400
        (output,) = send("POST", tensors.INFER, **white).json()["outputs"]
        # As conftest.graph works it out for a white image.
        assert output["data"] == pytest.approx([0.119203, 0.880797], abs=1e-6)
    return len(hostile)


def test_requests_between_are_answered_and_the_memory_does_not_grow(send: Send) -> None:
    assert play(send) >= 60  # and what is loaded or kept once is there
    tracemalloc.start()
    try:
        play(send)
        after, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    # The bombs hold 10 MB and 500 MB; bodies of 20 kB and pictures of 10,000 pixels are taken.
    assert peak < 2 * MB
    assert after < MB / 2
