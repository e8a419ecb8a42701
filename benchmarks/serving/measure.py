"""One server under a closed loop: what its clients see, and what it takes."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Any

from benchmarks.serving import load
from benchmarks.serving.bodies import Array
from benchmarks.serving.footprint import footprint
from benchmarks.serving.servers import Running

Figures = dict[str, Any]


def measure(
    running: Running, image: Array, connections: int, seconds: int, warm_up: int, folder: Path
) -> Figures:
    """Requests of one image each for some seconds, after a warm-up of the same kind.

    Args:
        running: the server.
        image: float32 of shape (1, channels, height, width).
        connections: requests that are out at a time.
        seconds: to measure.
        warm_up: seconds before.
        folder: takes the body of the requests.

    Returns:
        Fields of ``load.Load`` with ``rate`` a second, and of ``footprint.Footprint`` at the
        end, with ``cpu_ms``, milliseconds of processor time a request, over all processes.

    Raises:
        RuntimeError: no request was answered.
    """
    headers, body = running.server.protocol.encode(image)
    file = folder / "body"
    file.write_bytes(body)
    load.run(running.url, headers, file, connections, warm_up)
    # Answered after those that wrk left behind, which some servers compute all the same.
    running.ask(image)
    before = footprint(running.pid)
    found = load.run(running.url, headers, file, connections, seconds)
    after = footprint(running.pid)
    if not found.requests:
        raise RuntimeError(f"answered nothing in {seconds} s over {connections} connections")
    taken = after.cpu_seconds - before.cpu_seconds
    return {
        **asdict(found),
        "rate": found.rate,
        "cpu_ms": 1000 * taken / found.requests,
        "resident_bytes": after.resident_bytes,
        "processes": after.processes,
    }
