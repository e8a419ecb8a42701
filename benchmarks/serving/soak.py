"""A long run of Sécateur's server at a share of its peak, and what a killed replica costs.

    python -m benchmarks.serving.soak --minutes 10
    python -m benchmarks.serving.soak --minutes 1 --kill 20

The peak is that of a closed loop by wrk just before, and the load an open loop at a constant
rate.  Its own cost is some 0.2 ms a request, so it is put on the network whose requests cost
many times that.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import random
import signal
import sys
import tempfile
import time
from pathlib import Path
from statistics import median

from benchmarks import hardware
from benchmarks.page import RESULTS, Result, write
from benchmarks.serving import load, models, servers
from benchmarks.serving.compare import KIND, say
from benchmarks.serving.footprint import footprint, named
from benchmarks.serving.measure import measure
from benchmarks.serving.openloop import OpenLoop, Tally, message
from benchmarks.serving.servers import Running
from search.home import Home
from search.local_ray import stop_on_sigterm

CONNECTIONS = 64
_PEAK_AT, _PEAK_S = 32, 5
# Of a run, or seconds: what is loaded and filled at first is no leak.
_WARM_UP, _LONGEST_WARM_UP_S = 0.1, 60.0
_SAMPLE_S = 1.0
_REPLICA = "ServeReplica"


class Watch:
    """Takes the memory of a server once a second.

    Attributes:
        resident: bytes of all its processes, in order.
    """

    def __init__(self, running: Running) -> None:
        self._running = running
        self.resident: list[int] = []

    async def forever(self) -> None:
        """Until cancelled."""
        while True:
            found = await asyncio.to_thread(footprint, self._running.pid)
            self.resident.append(found.resident_bytes)
            await asyncio.sleep(_SAMPLE_S)


def tenths(samples: list[int]) -> tuple[float, float]:
    """Medians of the first and of the last tenth of some samples, at least one each."""
    count = max(1, len(samples) // 10)
    return median(samples[:count]), median(samples[-count:])


async def run(running: Running, loop: OpenLoop, seconds: float, kill_at: float | None) -> Result:
    """Load a server for some seconds; kill one of its replicas on the way, where asked."""
    watch = Watch(running)
    watching = asyncio.create_task(watch.forever())
    killing = asyncio.create_task(_kill(running, loop.tally, kill_at)) if kill_at else None
    await loop.run(seconds)
    watching.cancel()
    return {
        **_counted(loop.tally),
        "resident_bytes": tenths(watch.resident),
        "resident_samples": watch.resident,
        **(await killing if killing else {}),
    }


async def _kill(running: Running, tally: Tally, after: float) -> Result:
    await asyncio.sleep(after)
    victim = random.choice(named(running.pid, _REPLICA))
    in_hand = tally.in_hand
    os.kill(victim, signal.SIGKILL)
    return {"killed_at": after, "in_hand": in_hand}


def _counted(tally: Tally) -> Result:
    return {
        "sent": tally.sent,
        "statuses": {str(status): count for status, count in sorted(tally.statuses.items())},
        "broken": dict(tally.broken),
        "hung": tally.hung,
        "p50": tally.percentile(0.5),
        "p99": tally.percentile(0.99),
        "longest": tally.longest,
        "failures_at": tally.failures,
    }


def soak(running: Running, arguments: argparse.Namespace) -> Result:
    """Peak, warm-up, and the run itself."""
    image = models.PAIRS[arguments.network].noise(1)
    with tempfile.TemporaryDirectory() as folder:
        peak = measure(running, image, _PEAK_AT, _PEAK_S, _PEAK_S, Path(folder))["rate"]
    rate = arguments.share * peak
    say(f"peak {peak:.0f} requests a second; {arguments.minutes:g} minutes at {rate:.0f}")
    headers, body = running.server.protocol.encode(image)
    request = message(running.server.protocol.path, headers, body)
    seconds = 60 * arguments.minutes

    def loop() -> OpenLoop:
        return OpenLoop(running.port, request, rate, CONNECTIONS)

    asyncio.run(loop().run(min(_WARM_UP * seconds, _LONGEST_WARM_UP_S)))
    began = time.process_time()
    found = asyncio.run(run(running, loop(), seconds, arguments.kill))
    generator = 1000 * (time.process_time() - began) / found["sent"]
    if arguments.kill:
        late = [moment - arguments.kill for moment in found["failures_at"]]
        found["failing_seconds"] = max(late, default=0.0)
    return {"peak": peak, "rate": rate, "generator_cpu_ms": generator, **found}


def main() -> None:
    parser = argparse.ArgumentParser(description="A long run of Sécateur's server.")
    parser.add_argument("--minutes", type=float, default=10.0)
    parser.add_argument("--network", choices=sorted(models.PAIRS), default="resnet18")
    parser.add_argument("--share", type=float, default=0.8, help="of the peak")
    parser.add_argument("--kill", type=float, help="seconds until a replica is killed")
    parser.add_argument("--results", type=Path, default=RESULTS / KIND)
    arguments = parser.parse_args()
    load.require()
    stop_on_sigterm()  # so that no server is left behind
    folder, pair = Home.find().folder / "serving-benchmark", models.PAIRS[arguments.network]
    child = models.prepare(arguments.network, folder / "models").child
    # With one replica alone, what a killed one had to do could be done by none.
    replicas = 2 if arguments.kill else 1
    server = servers.ours(child, precision=pair.precision, replicas=replicas)
    with servers.started(server, folder, pair.noise(1)) as running:
        found = soak(running, arguments)
    result = {
        "hardware": hardware.facts(),
        "network": f"{arguments.network} {-pair.target:.0%} {pair.precision}",
        "minutes": arguments.minutes,
        "share": arguments.share,
        "replicas": replicas,
        **found,
    }
    write(arguments.results / ("kill.json" if arguments.kill else "soak.json"), result)
    shown = {key: value for key, value in found.items() if not isinstance(value, list)}
    print(json.dumps(shown), file=sys.stderr)


if __name__ == "__main__":
    main()
