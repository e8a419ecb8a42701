"""Motors from their simulated signals to a served classifier, with real Ray and MLflow."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from secateur import manifest

pytestmark = pytest.mark.slow

JOB: dict[str, Any] = {
    "name": "motors",
    "data": {"kind": "motors", "signals": 800},
    "search": {
        "trials": 1,
        "epochs": 8,
        "networks": [{"kind": "cnn1d", "width": 8, "depth": 4, "kernel": 7, "stride": 2}],
        "recipe": {"learning_rate": 0.005, "batch_size": 32, "optimizer": "adam"},
    },
    "prune": {"targets": [0.5], "episodes": 3, "agent": "random"},
    "finetune": {"epochs": 4},
    "publish": {"min_accuracy": 0.6, "max_accuracy_drop": 0.3, "int8": True},
    "show": 2,
}


def test_signals_of_two_channels_are_classified_pruned_and_served(
    secateur, home: Path, tmp_path: Path
) -> None:
    file = tmp_path / "job.yaml"
    file.write_text(yaml.safe_dump(JOB))
    process = secateur("run", file)
    output, _ = process.communicate()
    assert process.returncode == 0, output
    content = manifest.read(home / "motors" / "models" / "flops-0.5")
    assert content.architecture.input_shape == (2, 1, 1024)
    assert content.labels == ("healthy", "bearing", "broken-bar", "unbalance")
    # Asked over HTTP as arrays, since no picture file has two channels.
    assert sum(line.startswith("  test image") for line in output.splitlines()) == 2
    assert (home / "motors" / "pictures" / "mean-spectra.png").exists()
