"""Requests per second of Sécateur's server against others, on the same cores.

    python -m benchmarks.serving.compare [--rounds 3] [--seconds 2]

Servers take turns, one at a time, round by round, with wrk beside them; every server first
has to give the probabilities that ONNX Runtime or torch gives.  What is in the result files
already is kept, so a run that was stopped goes on.  The rivals' environments are made by
``make bench-serving``.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from http.client import HTTPException
from importlib.metadata import version
from pathlib import Path

import numpy as np

from benchmarks import hardware
from benchmarks.page import RESULTS, Result, write
from benchmarks.serving import load, models, servers
from benchmarks.serving.bodies import Array
from benchmarks.serving.measure import Figures, measure
from benchmarks.serving.servers import CORES, Server
from search.home import Home
from search.local_ray import stop_on_sigterm

KIND = "serving"
CONNECTIONS = (1, 8, 32)
WARM_UP_S = 1
# Of probabilities: orders of summation differ, and roundings in int8 with the threads.
_AGREE = 1e-3
_LIBRARIES = ("onnxruntime", "fastapi", "uvicorn")


@dataclass(frozen=True)
class Entry:
    """A server in a comparison.

    Attributes:
        server: what is started.
        network: what it runs, for the page: ``dense`` or what was done to it.
        graph: ONNX file that says what its answers should be.
    """

    server: Server
    network: str
    graph: Path

    @property
    def name(self) -> str:
        """Of the entry, in results."""
        return f"{self.server.name}, {self.network}"


def entries(name: str, folder: Path) -> list[Entry]:
    """The servers that are compared for one of ``models.PAIRS``.

    FastAPI runs the dense parent in torch.  Against it, and with one ONNX file, stand the
    other servers: of the dense network itself where that is small, as then HTTP is what
    costs; else of its int8 child.
    """
    pair, served = models.PAIRS[name], models.prepare(name, folder)
    child = f"{-pair.target:.0%}"
    whole = models.graph(served.dense, "float32")
    both = (served.child, f"{child} int8") if pair.precision == "int8" else (served.dense, "dense")
    saved, label = both
    graph = models.graph(saved, pair.precision)
    found = [Entry(servers.fastapi(served.dense, workers=n), "dense", whole) for n in _counts()]
    for count in _counts():
        server = servers.ours(saved, precision=pair.precision, replicas=count)
        found += [
            Entry(server, label, graph),
            Entry(servers.bentoml(graph, workers=count), label, graph),
        ]
    found.append(Entry(servers.mlserver(graph), label, graph))
    smaller = models.graph(served.child, "float32")
    return [*found, Entry(servers.ours(served.child), child, smaller)]


def _counts() -> tuple[int, ...]:
    """Server processes: one, and one a core."""
    return (1,) if CORES == 1 else (1, CORES)


def run(name: str, arguments: argparse.Namespace, folder: Path) -> None:
    """Compare the servers of one network, going on from its file."""
    file = arguments.results / f"{name}.json"
    settings = {"seconds": arguments.seconds, "connections": CONNECTIONS, "cores": CORES}
    found = _kept(file, settings) or {
        "settings": settings,
        "hardware": hardware.facts() | {name: version(name) for name in _LIBRARIES},
        "network": models.facts(name),
        "servers": {},
    }
    for one in found["servers"].values():
        one.pop("failed", None)
    known = entries(name, folder / "models")
    for turn in range(arguments.rounds):
        for entry in known:
            one = found["servers"].setdefault(entry.name, _described(entry))
            if len(one["rounds"]) <= turn and "failed" not in one:
                _take(entry, one, name, arguments.seconds, folder)
                write(file, found)


def _kept(file: Path, settings: Result) -> Result | None:
    if not file.exists():
        return None
    found: Result = json.loads(file.read_text())
    return found if found["settings"] == json.loads(json.dumps(settings)) else None


def _described(entry: Entry) -> Result:
    return {
        "server": entry.server.name,
        "network": entry.network,
        "protocol": entry.server.protocol.name,
        "rounds": [],
    }


def _take(entry: Entry, one: Result, name: str, seconds: int, folder: Path) -> None:
    """One round of one server; one that cannot be run says why, for the page."""
    try:
        one["rounds"].append(turn(entry, models.PAIRS[name].noise(1), seconds, folder))
    except (RuntimeError, OSError, HTTPException, subprocess.SubprocessError) as error:
        one["failed"] = str(error)
        say(f"{name}: {entry.name}: {error}")
        return
    figures = one["rounds"][-1][str(CONNECTIONS[-1])]
    say(
        f"{name}: {entry.name}: {figures['rate']:.0f} requests a second at {CONNECTIONS[-1]} "
        f"connections, p50 {figures['p50']:.1f} ms, p99 {figures['p99']:.1f} ms"
    )


def turn(entry: Entry, image: Array, seconds: int, folder: Path) -> dict[str, Figures]:
    """One server, alone: figures by number of connections.

    Raises:
        RuntimeError: it does not start, or gives other probabilities than ONNX Runtime.
    """
    with (
        tempfile.TemporaryDirectory() as scratch,
        servers.started(entry.server, folder, image) as running,
    ):
        away = float(np.abs(running.ask(image) - models.expected(entry.graph, image)).max())
        if away > _AGREE:
            raise RuntimeError(f"its probabilities are {away:.2g} away from those of the graph")
        return {
            str(connections): measure(
                running, image, connections, seconds, WARM_UP_S, Path(scratch)
            )
            for connections in CONNECTIONS
        }


def say(line: str) -> None:
    """One line a server and round."""
    print(line, file=sys.stderr, flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description="Requests a second, against other servers.")
    parser.add_argument("--network", choices=sorted(models.PAIRS), action="append")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=int, default=2, help="of each measurement")
    parser.add_argument("--results", type=Path, default=RESULTS / KIND)
    arguments = parser.parse_args()
    load.require()
    stop_on_sigterm()  # so that no server is left behind
    folder = Home.find().folder / "serving-benchmark"
    for name in arguments.network or list(models.PAIRS):
        run(name, arguments, folder)


if __name__ == "__main__":
    main()
