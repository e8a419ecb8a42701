"""In a process of its own: what counts is all that a process has allocated so far."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from secateur import memory

pytestmark = pytest.mark.skipif(
    not Path("/proc/self/status").exists(), reason="this system does not tell what a process has"
)

SCRIPT = """
import resource
from secateur.memory import bounded, granted

before = resource.getrlimit(resource.RLIMIT_DATA)
held = bytearray(300_000_000)  # counts as what was there before
with bounded(0.2):
    print(granted())
    small = bytearray(100_000_000)
    try:
        bytearray(200_000_000)
    except MemoryError:
        print("refused")
print(resource.getrlimit(resource.RLIMIT_DATA) == before)
large = bytearray(500_000_000)
with bounded(None):
    print(resource.getrlimit(resource.RLIMIT_DATA) == before, granted())
"""


def test_more_than_the_bound_is_refused_while_it_holds() -> None:
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT], capture_output=True, text=True, check=True
    )
    assert done.stdout.split() == ["0.2", "refused", "True", "True", "None"]


def test_where_the_system_tells_nothing_nothing_is_bounded(tmp_path: Path) -> None:
    assert memory._held(tmp_path / "absent") is None
