from __future__ import annotations

import asyncio
import os
import random
import threading
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from serving import challenger
from serving.catalogue import Model, Open, champion_alone
from serving.challenger import ByShare, Shadowing
from serving.metrics import Metrics
from serving.source import SavedModel
from serving.spec import Shadow, Share
from tests.serving.kinds import SaveModel


@pytest.fixture
def metrics() -> Metrics:
    return Metrics()


@pytest.fixture
def champion(saved: Path, opened: Open) -> Model:
    return opened("m", SavedModel("1", saved))


@pytest.fixture
def contrary(save_model: SaveModel, opened: Open) -> Model:
    """Of another opinion on every image but medium grey, where the first of equals wins."""
    return opened("m", SavedModel("2", save_model(gain=-4.0)))


def images(*levels: float) -> np.ndarray:
    return np.repeat(np.array(levels, np.float32), 16).reshape(-1, 1, 4, 4)


def counted(metrics: Metrics) -> dict[str, float]:
    """Images by outcome."""
    return {
        sample.labels["outcome"]: sample.value
        for family in metrics.families()
        for sample in family.samples
        if sample.name == "secateur_shadow_images_total"
    }


def test_the_policies_that_can_be_asked_for(metrics: Metrics) -> None:
    assert challenger.policy(None, metrics) is champion_alone
    assert isinstance(challenger.policy(Share(share=0.1), metrics), ByShare)
    assert isinstance(challenger.policy(Shadow(shadow=True), metrics), Shadowing)


def test_a_share_of_the_requests(champion: Model, contrary: Model) -> None:
    policy = ByShare(0.2, random.Random(0))
    asked = [policy(champion, contrary).version for _ in range(10_000)]
    # The standard deviation of a mean of 10,000 draws is 0.004; five of them are allowed.
    assert asked.count("2") / len(asked) == pytest.approx(0.2, abs=0.02)


def test_a_shadow_is_counted_and_never_seen(
    champion: Model, contrary: Model, metrics: Metrics
) -> None:
    policy = Shadowing(metrics)
    model = policy(champion, contrary)
    assert model.version == "1"
    answer = asyncio.run(model.predict(images(0, 0.5, 1)))
    np.testing.assert_array_equal(answer, champion.network.run(images(0, 0.5, 1)))
    policy.join()
    assert counted(metrics) == {"agreed": 1, "differed": 2}
    (seconds,) = (
        sample.value
        for family in metrics.families()
        for sample in family.samples
        if sample.name == "secateur_shadow_seconds_count"
    )
    assert seconds == 1


@pytest.mark.parametrize("fault", [RuntimeError("of any kind"), MemoryError()])
def test_a_shadow_that_fails_is_counted_and_the_next_is_asked(
    champion: Model, contrary: Model, metrics: Metrics, monkeypatch: Any, fault: Exception
) -> None:
    class Failing:
        def run(self, rows: object) -> object:
            raise fault

    policy = Shadowing(metrics)
    asyncio.run(policy(champion, replace(contrary, network=Failing())).predict(images(1, 1)))
    asyncio.run(policy(champion, contrary).predict(images(1)))
    policy.join()
    assert counted(metrics) == {"failed": 2, "agreed": 0, "differed": 1}


def test_what_waits_for_a_shadow_is_bounded(
    champion: Model, contrary: Model, metrics: Metrics
) -> None:
    asked, go = threading.Event(), threading.Event()

    class Slow:
        def run(self, rows: np.ndarray) -> np.ndarray:
            asked.set()
            assert go.wait(30)
            return np.asarray(contrary.network.run(rows))

    policy = Shadowing(metrics, held_bytes=2 * challenger.LEAST_BYTES)
    model = policy(champion, replace(contrary, network=Slow()))
    asyncio.run(model.predict(images(1)))
    assert asked.wait(30)  # one is asked, and there is room for another
    for _ in range(3):
        asyncio.run(model.predict(images(1)))
    assert counted(metrics) == {"dropped": 2}
    go.set()
    policy.join()
    asyncio.run(model.predict(images(1)))
    policy.join()
    assert counted(metrics) == {"dropped": 2, "agreed": 0, "differed": 3}


def test_a_request_beyond_the_bound_is_asked_alone(
    champion: Model, contrary: Model, metrics: Metrics
) -> None:
    policy = Shadowing(metrics, held_bytes=1)
    asyncio.run(policy(champion, contrary).predict(images(1)))
    policy.join()
    assert counted(metrics) == {"agreed": 0, "differed": 1}


@pytest.mark.skipif(os.name != "posix", reason="priorities")
def test_a_shadow_runs_at_the_lowest_priority(
    champion: Model, contrary: Model, metrics: Metrics
) -> None:
    found = []

    class Looking:
        def run(self, rows: np.ndarray) -> np.ndarray:
            found.append(os.getpriority(os.PRIO_PROCESS, threading.get_native_id()))
            return np.asarray(contrary.network.run(rows))

    policy = Shadowing(metrics)
    asyncio.run(policy(champion, replace(contrary, network=Looking())).predict(images(1)))
    policy.join()
    assert found == [19]
    assert os.getpriority(os.PRIO_PROCESS, threading.get_native_id()) < 19
