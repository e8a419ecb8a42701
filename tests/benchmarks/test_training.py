"""The section on training speed, and one tiny round of the benchmark itself."""

from __future__ import annotations

import numpy as np
import pytest

from benchmarks import hardware, training
from benchmarks.sections.training import lines
from secateur.data import Dataset, Images


def test_the_table_holds_medians_and_the_extremes_of_the_ratios() -> None:
    turns = [
        {"rates": {"secateur": rate, "plain, 0 workers": 1000.0}, "ratio": rate / 1000}
        for rate in (3000.0, 2000.0, 2500.0)
    ]
    result = {
        "settings": {"batch": 64, "threads": 1},
        "rounds": turns,
        "hardware": hardware.facts(),
    }
    text = "\n".join(lines({"digits": result}))
    assert "| digits | 3 | 2,500 | 1,000 | 2.50 | 2.50 | 2.00 | 3.00 |" in text
    assert "64, 1 thread each" in text


def test_both_loops_learn_the_same_images() -> None:
    generator = np.random.default_rng(0)
    labels = np.arange(60, dtype=np.int64) % 2
    pixels = generator.integers(0, 100, (60, 1, 8, 8), dtype=np.uint8)
    pixels[labels == 1] += 100
    images = Images(pixels, labels)
    parts = (images.take(slice(0, 40)), images.take(slice(40, 50)), images.take(slice(50, 60)))
    data = Dataset.of("bright", ("dark", "bright"), *parts).development
    turn = training.compare(data, epochs=1, workers=[0], seed=0)
    assert set(turn["rates"]) == {"secateur", "plain, 0 workers"}
    assert turn["ratio"] == pytest.approx(
        turn["rates"]["secateur"] / turn["rates"]["plain, 0 workers"]
    )
