"""Closed-loop load by wrk, which costs a small part of what any of the servers costs.

wrk is in the package registries of Linux distributions: ``apt-get install wrk``.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

_SCRIPT = Path(__file__).with_name("post.lua")
_TIMEOUT_S = 30


@dataclass(frozen=True)
class Load:
    """What the clients saw.

    Attributes:
        requests: answered, with whatever status.
        seconds: that they took together.
        failed: connections, reads, writes and time-outs that failed, and answers whose
            status is above 399.
        p50: median milliseconds to the answer.
        p99: the same at 99 %.
    """

    requests: int
    seconds: float
    failed: int
    p50: float
    p99: float

    @property
    def rate(self) -> float:
        """Answers a second."""
        return self.requests / self.seconds


def require() -> None:
    """Leave with a word on what to install where wrk is not."""
    if shutil.which("wrk") is None:
        sys.exit("wrk is not installed; expected it on the path: apt-get install wrk")


def run(url: str, headers: dict[str, str], body: Path, connections: int, seconds: int) -> Load:
    """Ask with ``connections`` connections, each sending as soon as it was answered."""
    named = [part for name, value in headers.items() for part in ("-H", f"{name}: {value}")]
    command = [
        *("wrk", "--threads", "1", "--connections", str(connections)),
        *("--duration", f"{seconds}s", "--timeout", f"{_TIMEOUT_S}s"),
        *("--script", str(_SCRIPT), *named, url, "--", str(body)),
    ]
    done = subprocess.run(
        command, capture_output=True, text=True, check=True, timeout=seconds + 2 * _TIMEOUT_S
    )
    return parse(done.stdout)


def parse(output: str) -> Load:
    """The figures in what wrk printed with ``post.lua``: a line of JSON after its own."""
    found = json.loads(output.strip().splitlines()[-1])
    return Load(
        requests=found["requests"],
        seconds=found["microseconds"] / 1e6,
        failed=found["failed"],
        p50=found["p50"] / 1e3,
        p99=found["p99"] / 1e3,
    )
