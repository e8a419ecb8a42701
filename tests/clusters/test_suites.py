"""Tests that SQLite has, on a team's server, as a member who is no administrator."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks.team import ENVIRONMENT, VARIABLE, Team

ROOT = Path(__file__).parents[2]
# Those whose store is given from outside; the others have servers of their own.
SUITES = ("test_mlflow_tracker.py", "test_registry.py", "test_promotion.py")
# See tests/secateur/tracking/conftest.py.
STORE = "SECATEUR_TEST_STORE"

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not ENVIRONMENT, reason=f"{VARIABLE} names no environment of a server"),
]


def test_tracking_and_registry(team: Team) -> None:
    member = team.add("suite")
    suites = [f"tests/secateur/tracking/{name}" for name in SUITES]
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "--tb=short", "-m", "not slow", *suites],
        cwd=ROOT,
        env=os.environ | member.environment | {STORE: member.uri},
        capture_output=True,
        text=True,
        check=False,
        timeout=280,
    )
    assert done.returncode == 0, done.stdout[-9000:] + done.stderr
    assert " passed" in done.stdout
