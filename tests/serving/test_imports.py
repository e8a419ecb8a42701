"""Serving is light: no torch, and none of the packages that train."""

from __future__ import annotations

import os
import subprocess
import sys

PROGRAM = """
import importlib, pkgutil, sys
import serving
for module in pkgutil.walk_packages(serving.__path__, "serving."):
    importlib.import_module(module.name)
import secateur.judging.validity
before = set(sys.modules)
import secateur.tracking.registry
packages = {name.partition(".")[0] for name in sys.modules}
print(sorted(packages & {"torch", "torchvision", "torch_pruning", "agents", "search", "optuna"}))
print("mlflow" in before)
print("onnxruntime.quantization" in sys.modules)
"""


def test_no_training_package_is_loaded() -> None:
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", PROGRAM],
        capture_output=True,
        text=True,
        check=True,
        env=os.environ | {"OMP_NUM_THREADS": "1"},
    )
    # mlflow only once the registry is asked for: a server of folders starts without it.
    assert done.stdout.splitlines() == ["[]", "False", "False"]
