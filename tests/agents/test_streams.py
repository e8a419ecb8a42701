from __future__ import annotations

from collections.abc import Iterator

import pytest
import ray

from agents.streams import interleave

pytestmark = pytest.mark.usefixtures("ray_session")


def streams(*lengths: int, fails_at: int | None = None) -> dict[ray.ObjectRefGenerator, str]:
    # Defined in here, so that workers get it by value: they cannot import test folders.
    @ray.remote(num_cpus=0, max_retries=0)
    def count(length: int) -> Iterator[int]:
        for number in range(length):
            if number == fails_at:
                raise ValueError("at the third")
            yield number

    return {
        count.options(num_returns="streaming").remote(length): f"stream {place}"
        for place, length in enumerate(lengths)
    }


def test_all_results_arrive_each_stream_in_its_order() -> None:
    arrived = list(interleave(streams(3, 0, 2)))
    assert sorted(arrived) == [("stream 0", n) for n in range(3)] + [
        ("stream 2", n) for n in range(2)
    ]
    assert [number for key, number in arrived if key == "stream 0"] == [0, 1, 2]


def test_an_error_in_a_worker_is_raised_here() -> None:
    reader = interleave(streams(4, fails_at=2))
    assert next(reader) == ("stream 0", 0)
    assert next(reader) == ("stream 0", 1)
    with pytest.raises(ValueError, match="at the third"):
        next(reader)
