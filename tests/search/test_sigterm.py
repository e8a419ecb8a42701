"""How a process takes SIGTERM that has work to save."""

from __future__ import annotations

import subprocess
import sys

SCRIPT = """
import os, signal
from search.local_ray import stop_on_sigterm

signal.signal(signal.SIGINT, signal.default_int_handler)
stop_on_sigterm()
try:
    os.kill(os.getpid(), signal.SIGTERM)
    print("not interrupted")
except KeyboardInterrupt:
    os.kill(os.getpid(), signal.SIGTERM)
    print("saved")
"""


def test_the_first_interrupts_and_the_second_lets_the_saving_end() -> None:
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "saved\n", "")
